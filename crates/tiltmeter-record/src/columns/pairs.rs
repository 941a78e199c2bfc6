//! What champion and challenger answered to the same requests, column by column.

use super::{AnswerColumns, Categories, Texts, UnequalLengths};
use crate::{FeatureName, ModelName, PairBucket};

/// A column by which pairs are sliced, such as the carrier of a flight.
#[derive(Clone, Debug)]
pub struct SegmentColumn {
    /// Its name.
    pub name: FeatureName,
    /// One value a row.
    pub values: Categories,
}

/// Requests that one challenger could have seen: what the champion answered, and what the challenger did or why it did
/// not. All columns have the same number of rows; the order of the rows means nothing.
///
/// Rows without a pair belong here as well: by them it is known of what kind the pairs are that are missing.
#[derive(Clone, Debug)]
pub struct PairColumns {
    model: ModelName,
    requests: RequestColumns,
    champion: AnswerColumns,
    challenger: AnswerColumns,
    pub(super) second_champion: Option<AnswerColumns>,
    /// Empty where each row is a request of its own.
    instance_index: Vec<u32>,
}

/// What is known of the requests of pairs, whoever answered.
#[derive(Clone, Debug, Default)]
pub struct RequestColumns {
    /// The client's name for the request.
    pub request_id: Texts,
    /// What the prediction is about; labels are joined on it.
    pub entity_id: Texts,
    /// The application's time of the event, in microseconds since 1970-01-01T00:00:00Z; [`PairColumns::NO_TIME`] where it
    /// is not known.
    pub event_time: Vec<i64>,
    /// The probability, above 0 and up to 1, with which a request like this one was chosen for the challenger and kept.
    pub inclusion_probability: Vec<f64>,
    /// What became of it.
    pub bucket: Vec<PairBucket>,
    /// By what the rows are sliced.
    pub segments: Vec<SegmentColumn>,
}

impl PairColumns {
    /// The event time of a request of which it is not known.
    pub const NO_TIME: i64 = i64::MIN;

    /// Puts columns together.
    ///
    /// # Errors
    /// When the columns have different numbers of rows.
    pub fn new(
        model: ModelName,
        requests: RequestColumns,
        champion: AnswerColumns,
        challenger: AnswerColumns,
    ) -> Result<Self, UnequalLengths> {
        let rows = requests.event_time.len();
        UnequalLengths::check("request_id", requests.request_id.len(), rows)?;
        UnequalLengths::check("entity_id", requests.entity_id.len(), rows)?;
        UnequalLengths::check("inclusion_probability", requests.inclusion_probability.len(), rows)?;
        UnequalLengths::check("bucket", requests.bucket.len(), rows)?;
        for segment in &requests.segments {
            UnequalLengths::check(segment.name.as_str(), segment.values.len(), rows)?;
        }
        UnequalLengths::check("champion", champion.len(), rows)?;
        UnequalLengths::check("challenger", challenger.len(), rows)?;
        Ok(Self { model, requests, champion, challenger, second_champion: None, instance_index: Vec::new() })
    }

    /// With what a second instance of the champion answered to the same requests. Where it was not asked its rows are
    /// missing.
    ///
    /// # Errors
    /// When it has another number of rows.
    pub fn with_second_champion(self, second: AnswerColumns) -> Result<Self, UnequalLengths> {
        UnequalLengths::check("second_champion", second.len(), self.len())?;
        Ok(Self { second_champion: Some(second), ..self })
    }

    /// With the place of each row's instance in its request, from 0, where one request asks for several. Without, each row
    /// is instance 0 of its request.
    ///
    /// # Errors
    /// When there are not as many as rows.
    pub fn with_instance_index(self, instance_index: Vec<u32>) -> Result<Self, UnequalLengths> {
        UnequalLengths::check("instance_index", instance_index.len(), self.len())?;
        Ok(Self { instance_index, ..self })
    }

    /// The model, of which champion and challenger are versions.
    #[must_use]
    pub fn model(&self) -> &ModelName {
        &self.model
    }

    /// The requests.
    #[must_use]
    pub fn requests(&self) -> &RequestColumns {
        &self.requests
    }

    /// What the champion answered.
    #[must_use]
    pub fn champion(&self) -> &AnswerColumns {
        &self.champion
    }

    /// What the challenger answered.
    #[must_use]
    pub fn challenger(&self) -> &AnswerColumns {
        &self.challenger
    }

    /// What a second instance of the champion answered, if there was one.
    #[must_use]
    pub fn second_champion(&self) -> Option<&AnswerColumns> {
        self.second_champion.as_ref()
    }

    /// The place of a row's instance in its request, from 0.
    #[must_use]
    pub fn instance_index(&self, row: usize) -> u32 {
        self.instance_index.get(row).copied().unwrap_or(0)
    }

    /// How many requests there are, paired or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.event_time.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.event_time.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(rows: usize) -> AnswerColumns {
        let none = || Categories::from_iter(vec![None; rows]);
        AnswerColumns::new(vec![0.5; rows], none(), vec![1.0; rows], none(), vec![None; rows]).unwrap()
    }

    fn requests(rows: usize) -> RequestColumns {
        RequestColumns {
            request_id: Texts::from_iter(vec![None; rows]),
            entity_id: Texts::from_iter(vec![None; rows]),
            event_time: vec![0; rows],
            inclusion_probability: vec![1.0; rows],
            bucket: vec![PairBucket::Paired; rows],
            segments: vec![],
        }
    }

    #[test]
    fn columns_of_different_lengths_are_refused() {
        let pairs = |requests, champion, challenger| {
            PairColumns::new("churn".parse().unwrap(), requests, champion, challenger)
                .map(|pairs| pairs.len())
                .map_err(|error| error.to_string())
        };
        assert_eq!(pairs(requests(2), answers(2), answers(2)), Ok(2));
        assert_eq!(
            pairs(requests(2), answers(2), answers(1)).unwrap_err(),
            "column challenger has 1 rows, the first one has 2"
        );
        let short = RequestColumns { bucket: vec![], ..requests(2) };
        assert_eq!(
            pairs(short, answers(2), answers(2)).unwrap_err(),
            "column bucket has 0 rows, the first one has 2"
        );
        let segment = SegmentColumn { name: "carrier".parse().unwrap(), values: Categories::new() };
        let sliced = RequestColumns { segments: vec![segment], ..requests(2) };
        assert!(pairs(sliced, answers(2), answers(2)).unwrap_err().contains("carrier"));
        let two = PairColumns::new("churn".parse().unwrap(), requests(2), answers(2), answers(2)).unwrap();
        assert!(two.clone().with_second_champion(answers(3)).is_err());
        assert!(two.clone().with_instance_index(vec![0]).is_err());
        assert_eq!(two.instance_index(1), 0);
        assert_eq!(two.clone().with_instance_index(vec![0, 3]).unwrap().instance_index(1), 3);
        assert!(two.with_second_champion(answers(2)).unwrap().second_champion().is_some());
        assert!(AnswerColumns::new(vec![0.5], Categories::new(), vec![], Categories::new(), vec![]).is_err());
    }
}
