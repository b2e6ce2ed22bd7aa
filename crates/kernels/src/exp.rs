//! Functions of eight numbers at once, which no library has for every processor.

use std::f32::consts::{FRAC_2_SQRT_PI, LOG2_E};

use crate::machine::{Machine, POWER};

/// Replaces every number of a row.
#[inline(always)]
pub(crate) fn each_octet<M: Machine>(xs: &mut [f32], function: impl Fn(M::Octet) -> M::Octet) {
    let (octets, rest) = xs.as_chunks_mut();
    for octet in octets {
        *octet = M::octet_to_array(function(M::octet(octet)));
    }
    let mut last = [0.; 8];
    last[..rest.len()].copy_from_slice(rest);
    let last = M::octet_to_array(function(M::octet(&last)));
    rest.copy_from_slice(&last[..rest.len()]);
}

/// e to the power of `x`, within two units of the last place; zero below -87.7 and infinite above 88.4, where numbers
/// end.
#[inline(always)]
pub(crate) fn exp<M: Machine>(x: M::Octet) -> M::Octet {
    /// Beyond them, zero and infinity.
    const ENDS: [f32; 2] = [-88., 89.];
    /// ln 2 in two parts, so that its product with a whole number is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    /// Of `(e^x - 1) / x` for `|x| <= ln 2 / 2`: e^x is within 1e-7 of itself with it.
    const SERIES: [f32; 5] =
        [8.290_229e-3, 4.189_839_2e-2, 1.666_764e-1, 4.999_914_5e-1, 9.999_997e-1];
    let (one, splat) = (M::octet_splat(1.), M::octet_splat);
    // What is not a number stays what it is.
    let held = M::octet_min(splat(ENDS[1]), M::octet_max(splat(ENDS[0]), x));
    let power = M::octet_mul_add(held, splat(LOG2_E), splat(POWER));
    let whole = M::octet_mul_add(power, one, splat(-POWER));
    let rest = M::octet_mul_add(whole, splat(-LN_2[0]), held);
    let rest = M::octet_mul_add(whole, splat(-LN_2[1]), rest);
    let value = polynomial::<M>(&SERIES, rest);
    times::<M>(M::octet_mul_add(value, rest, one), M::octet_power(power))
}

/// Between 0 and 1: `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid<M: Machine>(x: M::Octet) -> M::Octet {
    let one = M::octet_splat(1.);
    let inverse = exp::<M>(times::<M>(x, M::octet_splat(-1.)));
    M::octet_div(one, M::octet_mul_add(inverse, one, one))
}

/// The hyperbolic tangent, within 2e-7.
#[inline(always)]
pub(crate) fn tanh<M: Machine>(x: M::Octet) -> M::Octet {
    let two = M::octet_splat(2.);
    M::octet_mul_add(two, sigmoid::<M>(times::<M>(two, x)), M::octet_splat(-1.))
}

/// The error function, within 4e-7, and exactly one where floats know no number nearer to it: a quotient of two
/// polynomials, found by least squares with weights that grow where it is farthest off.
#[inline(always)]
pub(crate) fn erf<M: Machine>(x: M::Octet) -> M::Octet {
    /// The quotient is above one from here on.
    const END: f32 = 4.2;
    const ABOVE: [f32; 6] =
        [2.011_75e-6, 2.876_008e-4, 3.917_304_3e-3, 5.320_701_4e-2, 1.940_353e-1, FRAC_2_SQRT_PI];
    const BELOW: [f32; 6] =
        [3.783_98e-5, 1.198_198_6e-3, 1.527_067_3e-2, 1.155_906e-1, 5.052_908e-1, 1.];
    let held = within::<M>(x, END);
    let square = times::<M>(held, held);
    let above = times::<M>(held, polynomial::<M>(&ABOVE, square));
    within::<M>(M::octet_div(above, polynomial::<M>(&BELOW, square)), 1.)
}

#[inline(always)]
pub(crate) fn times<M: Machine>(a: M::Octet, b: M::Octet) -> M::Octet {
    M::octet_mul_add(a, b, M::octet_splat(0.))
}

/// `x`, but neither below `-end` nor above it.
#[inline(always)]
fn within<M: Machine>(x: M::Octet, end: f32) -> M::Octet {
    M::octet_min(M::octet_splat(end), M::octet_max(M::octet_splat(-end), x))
}

/// With the factor of the highest power first.
#[inline(always)]
fn polynomial<M: Machine>(factors: &[f32], x: M::Octet) -> M::Octet {
    let sum = |sum, factor: &f32| M::octet_mul_add(sum, x, M::octet_splat(*factor));
    match factors.split_first() {
        Some((first, factors)) => factors.iter().fold(M::octet_splat(*first), sum),
        None => M::octet_splat(0.),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{On, Work, run};

    #[derive(Clone, Copy, Debug)]
    enum Function {
        Exp,
        Sigmoid,
        Tanh,
        Erf,
    }

    impl Function {
        fn of(self, on: On, xs: &[f32]) -> Vec<f32> {
            let mut answer = xs.to_vec();
            run(on, Each(self, &mut answer));
            answer
        }
    }

    struct Each<'a>(Function, &'a mut [f32]);

    impl Work for Each<'_> {
        type Output = ();

        #[inline(always)]
        fn run<M: Machine>(self) {
            match self.0 {
                Function::Exp => each_octet::<M>(self.1, exp::<M>),
                Function::Sigmoid => each_octet::<M>(self.1, sigmoid::<M>),
                Function::Tanh => each_octet::<M>(self.1, tanh::<M>),
                Function::Erf => each_octet::<M>(self.1, erf::<M>),
            }
        }
    }

    #[track_caller]
    fn check(ours: Function, exact: fn(f64) -> f64, relative: f64, absolute: f64) {
        let xs: Vec<f32> = (-200_000..200_000).map(|i| i as f32 / 2300.).collect();
        for &on in On::ALL {
            for (x, got) in xs.iter().zip(ours.of(on, &xs)) {
                let (got, want) = (f64::from(got), exact(f64::from(*x)));
                let off = (got - want).abs();
                assert!(
                    off <= relative * want.abs() + absolute,
                    "{ours:?} {on:?} {x}: {got} for {want}"
                );
            }
        }
    }

    #[test]
    fn functions_are_as_exact_as_they_say() {
        let least = f64::from(f32::MIN_POSITIVE);
        check(Function::Exp, f64::exp, 2.4e-7, least);
        check(Function::Sigmoid, |x| 1. / (1. + (-x).exp()), 4e-7, least);
        check(Function::Tanh, f64::tanh, 0., 2e-7);
    }

    #[test]
    fn the_error_function_is_that_of_tables() {
        let table = [
            (0., 0.),
            (0.5, 0.520_499_9),
            (1., 0.842_700_8),
            (-2., -0.995_322_3),
            (7., 1.),
            (-1e9, -1.),
        ];
        for &on in On::ALL {
            for (x, want) in table {
                let got = Function::Erf.of(on, &[x])[0];
                assert!(
                    (got - want).abs() <= if x.abs() < 4. { 2e-7 } else { 0. },
                    "{on:?} {x}: {got}"
                );
            }
        }
    }

    #[test]
    fn ends_are_zero_and_infinity_and_what_is_no_number_stays_so() {
        for &on in On::ALL {
            let ends = [f32::NEG_INFINITY, f32::INFINITY, -87.8, 88.5];
            assert_eq!(Function::Exp.of(on, &ends), [0., f32::INFINITY, 0., f32::INFINITY]);
            for function in [Function::Exp, Function::Sigmoid, Function::Tanh, Function::Erf] {
                assert!(
                    function.of(on, &[f32::NAN, -f32::NAN]).iter().all(|x| x.is_nan()),
                    "{function:?} {on:?}"
                );
            }
        }
    }
}
