//! How much the champion disagrees with itself.

use serde::Serialize;
use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::AnswerColumns;

use super::figures::{PairFigures, figures};
use super::known::mean;
use super::material::Material;
use super::rows::{Classes, Rows, Sides};
use crate::Measured;

/// The disagreement of a second instance of the champion with the champion, which is what a model that draws at random,
/// or reads data that change, shows against itself; and what the challenger's disagreement is beyond it.
///
/// Of the requests that all three answered, so that the two disagreements are of the same ones: the difference is that
/// of paired rows. They have the weights of the challenger's pairs: a second instance may see fewer requests, as long as
/// those it sees are drawn from all alike. As in Diffy (Twitter, 2015), with intervals.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NoiseFloor {
    /// The second instance of the champion against the first.
    pub figures: PairFigures,
    /// The challenger against the first instance, of the same requests.
    pub challenger: PairFigures,
    /// How much more often than the second instance the challenger decides otherwise than the champion: a difference of
    /// shares, about 0 when all that it differs is noise. Student's interval, as below.
    pub disagreement_beyond: Measured,
    /// By how much farther the challenger's scores are from the champion's than the second instance's are, on average.
    pub score_distance_beyond: Measured,
}

/// Of pairs.
pub(super) fn noise_floor(material: &Material<'_>, second: &AnswerColumns, pairs: &Rows) -> NoiseFloor {
    let second_class = material.classes.codes(second);
    let sides = material.sides();
    let answered = |row: usize| !second.score()[row].is_nan() || second_class[row] != Classes::MISSING;
    let bucket = &material.table.requests().bucket;
    let all_three = pairs.filtered(|row| bucket[row] == PairBucket::Paired && answered(row));
    let noise = Sides { challenger_class: &second_class, challenger_score: second.score(), ..sides };

    let decided = |side: &[u32], row: usize| side[row] != Classes::MISSING;
    let rows = all_three.filtered(|row| {
        decided(sides.champion_class, row)
            && decided(sides.challenger_class, row)
            && decided(&second_class, row)
    });
    let differs = |side: &[u32], row: usize| f64::from(u8::from(side[row] != sides.champion_class[row]));
    let beyond: Vec<f64> = rows
        .iter()
        .map(|weighted| differs(sides.challenger_class, weighted.row) - differs(&second_class, weighted.row))
        .collect();
    let disagreement_beyond = mean(rows.sample(&beyond));

    let distance = |side: &[f64], row: usize| (side[row] - sides.champion_score[row]).abs();
    let beyond: Vec<f64> = all_three
        .iter()
        .map(|weighted| {
            distance(sides.challenger_score, weighted.row) - distance(second.score(), weighted.row)
        })
        .collect();
    NoiseFloor {
        disagreement_beyond,
        // a score that is missing is NaN here as well, and left out
        score_distance_beyond: mean(all_three.sample(&beyond)),
        figures: figures(&all_three, noise, material.resample),
        challenger: figures(&all_three, sides, material.resample),
    }
}
