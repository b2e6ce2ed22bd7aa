use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, bail};

use crate::{
    exp::{each_octet, erf, exp, sigmoid, tanh, times},
    machine::{Machine, On, Work, run},
    slices::floats,
    threads::each_row,
};

/// Numbers handed on at once.
const ROW: usize = 4096;

/// A function of each number by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `x * sigmoid(x)`.
    Silu,
    /// `x` times the normal distribution's sum up to `x`.
    Gelu,
    /// The same, approximated by the hyperbolic tangent.
    GeluTanh,
    /// The same, approximated by `x * sigmoid(1.702 x)`.
    QuickGelu,
    /// The positive part.
    Relu,
    /// The positive part, and so much of the negative one.
    LeakyRelu(f32),
    /// Between 0 and 1.
    Sigmoid,
    /// Between -1 and 1.
    Tanh,
    /// e to the power of `x`.
    Exp,
}

impl Activation {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Silu,
        Self::Gelu,
        Self::GeluTanh,
        Self::QuickGelu,
        Self::Relu,
        Self::LeakyRelu(0.1),
        Self::Sigmoid,
        Self::Tanh,
        Self::Exp,
    ];

    /// Replaces every number.
    pub(crate) fn apply(self, on: On, xs: &mut [f32]) {
        each_row(xs, ROW, |_, xs| run(on, Each { activation: self, xs }));
    }
}

struct Each<'a> {
    activation: Activation,
    xs: &'a mut [f32],
}

impl Work for Each<'_> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let (splat, xs) = (M::octet_splat, self.xs);
        let silu = |x, factor| times::<M>(x, sigmoid::<M>(times::<M>(splat(factor), x)));
        // Half of `x`, times one and `part`.
        let half = |x, part| {
            let half = times::<M>(splat(0.5), x);
            M::octet_mul_add(half, part, half)
        };
        let leaky = |x, slope| {
            let below = M::octet_min(splat(0.), x);
            M::octet_mul_add(splat(slope), below, M::octet_max(splat(0.), x))
        };
        match self.activation {
            Activation::Silu => each_octet::<M>(xs, |x| silu(x, 1.)),
            Activation::Gelu => each_octet::<M>(xs, |x| {
                half(x, erf::<M>(times::<M>(splat(std::f32::consts::FRAC_1_SQRT_2), x)))
            }),
            Activation::GeluTanh => {
                /// The square root of 2 over pi.
                const SCALE: f32 = 0.797_884_6;
                each_octet::<M>(xs, |x| {
                    let square = times::<M>(x, x);
                    let inner = M::octet_mul_add(square, splat(0.044_715 * SCALE), splat(SCALE));
                    half(x, tanh::<M>(times::<M>(inner, x)))
                });
            }
            Activation::QuickGelu => each_octet::<M>(xs, |x| silu(x, 1.702)),
            Activation::Relu => each_octet::<M>(xs, |x| M::octet_max(splat(0.), x)),
            Activation::LeakyRelu(slope) => each_octet::<M>(xs, |x| leaky(x, slope)),
            Activation::Sigmoid => each_octet::<M>(xs, sigmoid::<M>),
            Activation::Tanh => each_octet::<M>(xs, tanh::<M>),
            Activation::Exp => each_octet::<M>(xs, exp::<M>),
        }
    }
}

impl CustomOp1 for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut xs = floats(storage, layout)?.to_vec();
        self.apply(On::Best, &mut xs);
        Ok((CpuStorage::F32(xs), layout.shape().clone()))
    }
}

/// The function of one tensor times another of the same shape.
pub struct Gated(pub Activation);

impl CustomOp2 for Gated {
    fn name(&self) -> &'static str {
        "gated"
    }

    fn cpu_fwd(
        &self,
        gate: &CpuStorage,
        gate_layout: &Layout,
        xs: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        if gate_layout.shape() != layout.shape() {
            bail!("gated: {:?} and {:?} differ", gate_layout.shape(), layout.shape())
        }
        let mut gates = floats(gate, gate_layout)?.to_vec();
        self.0.apply(On::Best, &mut gates);
        gates.iter_mut().zip(floats(xs, layout)?).for_each(|(gate, x)| *gate *= x);
        Ok((CpuStorage::F32(gates), layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;

    #[test]
    fn functions_are_candles() {
        let xs =
            Tensor::arange(-40_000f32, 40_000., &Device::Cpu).unwrap().affine(2e-4, 0.).unwrap();
        for &(ours, theirs) in &[
            (Activation::Silu, Tensor::silu as fn(&Tensor) -> Result<Tensor>),
            (Activation::Gelu, Tensor::gelu_erf),
            (Activation::GeluTanh, Tensor::gelu),
            (Activation::Relu, Tensor::relu),
            (Activation::LeakyRelu(0.1), |xs| xs.maximum(&(xs * 0.1)?)),
            (Activation::Tanh, Tensor::tanh),
            (Activation::Exp, Tensor::exp),
        ] {
            let got: Vec<f32> = xs.apply_op1_no_bwd(&ours).unwrap().to_vec1().unwrap();
            let want: Vec<f32> = theirs(&xs).unwrap().to_vec1().unwrap();
            for (got, want) in got.iter().zip(want) {
                // Numbers up to 8, and erf is exact to 2e-7.
                assert!((got - want).abs() <= 2e-6 * want.abs().max(1.), "{ours:?}: {got} {want}");
            }
        }
    }

    #[test]
    fn a_gate_multiplies() {
        let tensor = |xs: &[f32]| Tensor::new(xs, &Device::Cpu).unwrap();
        let (gate, xs) = (tensor(&[-1., 0., 2.]), tensor(&[3., 4., 5.]));
        let got = gate.apply_op2_no_bwd(&xs, &Gated(Activation::Relu)).unwrap();
        assert_eq!(got.to_vec1::<f32>().unwrap(), [0., 0., 10.]);
        assert!(gate.apply_op2_no_bwd(&tensor(&[1.]), &Gated(Activation::Relu)).is_err());
    }
}
