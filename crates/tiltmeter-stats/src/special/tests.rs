//! What holds for all of the distributions.

use super::*;

const HOSTILE: [f64; 12] =
    [f64::NEG_INFINITY, f64::MIN, -1.0, -0.0, 5e-324, 1e-300, 0.5, 1.0, 1e6, 1e16, f64::MAX, f64::INFINITY];

#[test]
fn stays_within_0_and_1_and_ends() {
    for x in HOSTILE {
        for probability in [normal_sf(x), kolmogorov_sf(x)] {
            assert!((0.0..=1.0).contains(&probability), "{x}: {probability}");
        }
        for dof in HOSTILE {
            for probability in [chi_square_sf(x, dof), student_t_sf(x, dof)] {
                let is_defined = (0.0..=1.0).contains(&probability);
                assert!(is_defined || probability.is_nan(), "{x}, {dof}: {probability}");
                assert!(is_defined || dof < 1e-200 || dof.is_infinite(), "{x}, {dof}: {probability}");
            }
            let quantile = chi_square_quantile(x, dof);
            assert!(quantile >= 0.0 || quantile.is_nan(), "{x}, {dof}: {quantile}");
            let quantile = student_t_quantile(x, dof);
            assert_eq!(
                quantile.is_nan(),
                !(0.0..=1.0).contains(&x) || dof < SMALLEST,
                "{x}, {dof}: {quantile}"
            );
        }
    }
}

#[test]
fn quantiles_invert_the_tails() {
    for probability in [1e-6, 0.01, 0.5, 0.95, 0.999_999] {
        assert!((1.0 - normal_sf(normal_quantile(probability)) - probability).abs() < 1e-12);
        for dof in [1.0, 9.0, 250.0] {
            let back = 1.0 - chi_square_sf(chi_square_quantile(probability, dof), dof);
            assert!((back - probability).abs() < 1e-9, "{probability}, {dof}: {back}");
            let back = 1.0 - student_t_sf(student_t_quantile(probability, dof), dof);
            assert!((back - probability).abs() < 1e-12, "{probability}, {dof}: {back}");
        }
    }
}
