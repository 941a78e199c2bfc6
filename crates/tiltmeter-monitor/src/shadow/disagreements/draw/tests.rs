use super::*;

fn candidates(weights: &[(u32, f64)]) -> Vec<Candidate<'static>> {
    let candidate = |(row, &(class, weight)): (usize, &(u32, f64))| Candidate {
        row,
        weight,
        stratum: ((class, 0), vec![]),
        id: Id { request_id: "", event_time: i64::try_from(row).unwrap(), instance_index: 0 },
    };
    weights.iter().enumerate().map(candidate).collect()
}

#[test]
fn a_row_is_drawn_in_proportion_to_its_weight() {
    let mut drawn = [0; 2];
    for seed in 0..4000 {
        for (row, _) in draw(candidates(&[(1, 1.0), (1, 3.0)]), 1, seed).rows {
            drawn[row] += 1;
        }
    }
    // 3/4 of 4,000, with a standard deviation of 27
    assert!((2890..=3110).contains(&drawn[1]), "{drawn:?}");
}

#[test]
fn seats_follow_weights_and_no_stratum_has_more_than_rows() {
    let mut weights = vec![(1, 1.0); 60];
    weights.extend([(2, 1.0); 30]);
    weights.extend([(3, 100.0); 2]);
    let found = draw(candidates(&weights), 20, 1);
    let of = |from: usize, to: usize| found.rows.iter().filter(|(row, _)| (from..to).contains(row)).count();
    assert_eq!((of(0, 60), of(60, 90), of(90, 92)), (12, 6, 2));
    let all: f64 = found.rows.iter().map(|(_, weight)| weight).sum();
    assert!((all - 290.0).abs() < 1e-9);
    assert_eq!(draw(candidates(&weights), 1000, 1).rows.len(), 92);
    assert!(draw(candidates(&weights), 0, 1).rows.is_empty() && draw(vec![], 5, 1).rows.is_empty());
}
