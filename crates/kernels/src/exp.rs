//! Functions that a compiler turns into vector instructions, which it cannot do with a library's.

/// Numbers below e to the power of this are none.
const LEAST: f32 = -87.3;

/// e to the power of `x`, within two units of the last place; zero below -87.3 and infinite above 88.3, where
/// numbers end.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const MOST: f32 = 88.3;
    let value = exp_below(if x > MOST { MOST } else { x });
    if x > MOST { f32::INFINITY } else { value }
}

/// The same for `x` up to 88.3.
#[inline(always)]
pub(crate) fn exp_below(x: f32) -> f32 {
    /// Numbers of this size are whole ones apart.
    const WHOLE: f32 = 12_582_912.; // 1.5 * 2^23
    /// ln 2 in two parts, so that its product with a whole number is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let held = if x < LEAST { LEAST } else { x };
    let whole = held * std::f32::consts::LOG2_E + WHOLE;
    let power = whole.to_bits().wrapping_sub(WHOLE.to_bits()).wrapping_add(127) << 23;
    let whole = whole - WHOLE;
    let rest = held - whole * LN_2[0] - whole * LN_2[1];
    // The series of e^x, whose sixth term is below half a unit of the last place for |x| <= ln 2 / 2,
    // with coefficients of Cephes' expf that spread the error.
    let series =
        [1.987_569_2e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let series = series.into_iter().fold(0., |sum, factor| sum * rest + factor);
    let value = (series * rest * rest + rest + 1.) * f32::from_bits(power);
    if x < LEAST { 0. } else { value }
}

/// Between 0 and 1: `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1. / (1. + exp(-x))
}

/// The hyperbolic tangent, within 1e-7.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let shrunk = exp(-2. * x.abs());
    ((1. - shrunk) / (1. + shrunk)).copysign(x)
}

/// The error function, within 2e-7: Abramowitz and Stegun, 7.1.26.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let near = x.abs();
    let t = 1. / (1. + 0.327_591_1 * near);
    let factors = [1.061_405_4, -1.453_152_1, 1.421_413_8, -0.284_496_74, 0.254_829_6];
    let series = factors.into_iter().fold(0., |sum, factor| (sum + factor) * t);
    (1. - series * exp(-near * near)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ours: fn(f32) -> f32, exact: fn(f64) -> f64, relative: f64, absolute: f64) {
        for i in -200_000..200_000 {
            let x = i as f32 / 2300.;
            let (got, want) = (f64::from(ours(x)), exact(x.into()));
            let off = (got - want).abs();
            assert!(off <= relative * want.abs() + absolute, "at {x}: {got} for {want}");
        }
    }

    #[test]
    fn functions_are_as_exact_as_they_say() {
        let least = f64::from(f32::MIN_POSITIVE);
        check(exp, f64::exp, 2.4e-7, least);
        check(sigmoid, |x| 1. / (1. + (-x).exp()), 4e-7, least);
        check(tanh, f64::tanh, 0., 2e-7);
    }

    #[test]
    fn the_error_function_is_that_of_tables() {
        for (x, want) in [(0., 0.), (0.5, 0.520_499_9), (1., 0.842_700_8), (-2., -0.995_322_3)] {
            assert!((erf(x) - want).abs() < 2e-7, "{x}: {}", erf(x));
        }
    }

    #[test]
    fn ends_are_zero_and_infinity() {
        assert_eq!(exp(f32::NEG_INFINITY), 0.);
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert!(exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan() && erf(f32::NAN).is_nan());
    }
}
