//! What a file of pairs calls its columns.

use arrow_schema::Schema;
use tiltmeter_record::FeatureName;

const TEXTS: &str = "texts";
const TIMES: &str = "timestamps";
const NUMBERS: &str = "integers and floats";
const NAMES: &str = "texts, booleans, integers and floats";

/// What a file of pairs calls its columns.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) time: &'static str,
    /// Champion and challenger.
    pub(super) sides: [SideNames; 2],
    /// Whether rows have a `writer_id` and a `sequence`, by which copies are recognised.
    pub(super) has_keys: bool,
    /// The one column that holds all segments by their names, if it is not a column for each.
    pub(super) segments: Option<&'static str>,
}

#[derive(Debug)]
pub(super) struct SideNames {
    pub(super) version: &'static str,
    pub(super) score: &'static str,
    pub(super) prediction: &'static str,
    pub(super) latency: &'static str,
    pub(super) status: Option<&'static str>,
}

/// What a log writes: [`PAIR_COLUMNS`](tiltmeter_record::schema::PAIR_COLUMNS).
const OF_A_LOG: Layout = Layout {
    time: "event_time",
    sides: [
        SideNames {
            version: "champion_model_version",
            score: "champion_score",
            prediction: "champion_prediction",
            latency: "champion_latency_ms",
            status: Some("champion_status"),
        },
        SideNames {
            version: "challenger_model_version",
            score: "challenger_score",
            prediction: "challenger_prediction",
            latency: "challenger_latency_ms",
            status: Some("challenger_status"),
        },
    ],
    has_keys: true,
    segments: Some("segments"),
};

/// What others may bring along.
const OF_OTHERS: Layout = Layout {
    time: "timestamp",
    sides: [
        SideNames {
            version: "champion",
            score: "champion_score",
            prediction: "champion_prediction",
            latency: "champion_latency_ms",
            status: None,
        },
        SideNames {
            version: "challenger",
            score: "challenger_score",
            prediction: "challenger_prediction",
            latency: "challenger_latency_ms",
            status: None,
        },
    ],
    has_keys: false,
    segments: None,
};

pub(super) const WRITER: &str = "writer_id";
pub(super) const SEQUENCE: &str = "sequence";
pub(super) const INCLUSION_PROBABILITY: &str = "inclusion_probability";
pub(super) const BUCKET: &str = "bucket";
pub(super) const INSTANCE: &str = "instance_index";

impl Layout {
    /// That of a file with `schema`.
    pub(super) fn of(schema: &Schema) -> &'static Self {
        let is_of_a_log = OF_A_LOG.needed().all(|(column, _)| schema.index_of(column).is_ok());
        if is_of_a_log { &OF_A_LOG } else { &OF_OTHERS }
    }

    /// The columns that a file must have, each with the types that it may have.
    pub(super) fn needed(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let of_side = |side: &SideNames| {
            [(side.version, TEXTS), (side.score, NUMBERS), (side.prediction, NAMES), (side.latency, NUMBERS)]
        };
        let [champion, challenger] = &self.sides;
        let keys = [(WRITER, TEXTS), (SEQUENCE, "64-bit integers")].into_iter().filter(|_| self.has_keys);
        [("request_id", TEXTS), ("entity_id", TEXTS), (self.time, TIMES)]
            .into_iter()
            .chain(of_side(champion))
            .chain(of_side(challenger))
            .chain(keys.collect::<Vec<_>>())
    }

    /// The columns that are read where they are there.
    pub(super) fn optional<'n>(
        &self,
        segments: &'n [FeatureName],
    ) -> impl Iterator<Item = &'n str> + use<'n> {
        let statuses: Vec<&str> = self.sides.iter().filter_map(|side| side.status).collect();
        let columns = segments.iter().map(FeatureName::as_str).filter(|_| self.segments.is_none());
        let columns: Vec<&str> = columns.chain(self.segments).collect();
        [INCLUSION_PROBABILITY, BUCKET, INSTANCE].into_iter().chain(statuses).chain(columns)
    }
}
