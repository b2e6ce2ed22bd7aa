use candle_core::{Device, Result, Tensor, bail};

use super::{Random, near};
use crate::{Activation, Norm, machine::On};

/// Some units of the last place of 24 bits, and what the approximation of erf is off.
const ERROR: f64 = 2e-6;

/// Functions of each number, and norms of each row.
pub(super) fn check(random: &mut Random) -> Result<()> {
    let (rows, size) = (1 + random.below(5), 1 + random.below(300));
    let xs: Vec<f32> = (0..rows * size).map(|_| 12. * random.float()).collect();
    for &activation in Activation::ALL {
        for &on in On::ALL {
            let mut got = xs.clone();
            activation.apply(on, &mut got);
            for (x, got) in xs.iter().zip(got) {
                let want = exact(activation, f64::from(*x));
                if !near(got.into(), want, ERROR * want.abs().max(1.)) {
                    bail!("{activation:?} on {on:?} of {x} gives {got} where it should be {want}")
                }
            }
        }
    }
    check_norms(&xs, rows, size, random)
}

fn exact(activation: Activation, x: f64) -> f64 {
    let sigmoid = |x: f64| 1. / (1. + (-x).exp());
    match activation {
        Activation::Silu => x * sigmoid(x),
        Activation::Gelu => 0.5 * x * (1. + erf(x / std::f64::consts::SQRT_2)),
        Activation::GeluTanh => {
            let inner = (2. / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            0.5 * x * (1. + inner.tanh())
        }
        Activation::QuickGelu => x * sigmoid(1.702 * x),
        Activation::Relu => x.max(0.),
        Activation::LeakyRelu(slope) => x.max(0.) + f64::from(slope) * x.min(0.),
        Activation::Sigmoid => sigmoid(x),
        Activation::Tanh => x.tanh(),
        Activation::Exp => x.exp(),
    }
}

/// By its series, which converges everywhere; terms are added until they no longer count.
fn erf(x: f64) -> f64 {
    // Beyond, it is one to all digits, and the series would cancel them.
    if x.abs() > 5. {
        return x.signum();
    }
    let mut term = x;
    let mut sum = x;
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * 2. / std::f64::consts::PI.sqrt()
}

fn check_norms(xs: &[f32], rows: usize, size: usize, random: &mut Random) -> Result<()> {
    let mut some = || (0..size).map(|_| random.float()).collect::<Vec<_>>();
    let (weights, biases) = (some(), some());
    let tensor = |xs: &[f32], shape: &[usize]| Tensor::from_slice(xs, shape, &Device::Cpu);
    let (weight, bias) = (&tensor(&weights, &[size])?, &tensor(&biases, &[size])?);
    let tensor = tensor(xs, &[rows, size])?;
    let rms = Norm::Rms { weight, eps: 1e-3 };
    for (name, norm) in [
        ("rms", rms),
        ("layer", Norm::Layer { weight, bias, eps: 1e-3 }),
        ("softmax", Norm::Softmax),
    ] {
        let got: Vec<f32> = tensor.apply_op1_no_bwd(&norm)?.flatten_all()?.to_vec1()?;
        for (i, got) in got.into_iter().enumerate() {
            let row = xs[i / size * size..][..size].iter().map(|x| f64::from(*x));
            let (x, at) = (f64::from(xs[i]), i % size);
            let (weight, bias) = (f64::from(weights[at]), f64::from(biases[at]));
            let count = size as f64;
            let mean = row.clone().sum::<f64>() / count;
            let spread =
                |around: f64| row.clone().map(|x| (x - around).powi(2)).sum::<f64>() / count;
            let want = match name {
                "rms" => x / (spread(0.) + 1e-3).sqrt() * weight,
                "layer" => (x - mean) / (spread(mean) + 1e-3).sqrt() * weight + bias,
                _ => x.exp() / row.clone().map(f64::exp).sum::<f64>(),
            };
            // Numbers up to 12 lie around their mean, and a row of one has none around it.
            if !near(got.into(), want, 20. * ERROR * want.abs().max(1.)) {
                bail!("{name} norm of {rows} x {size} gives {got} where it should be {want}")
            }
        }
    }
    Ok(())
}
