//! The windows of a model that are open, and the rows that wait to be folded into them.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{Prediction, ProfileDelta, Window, WindowWidth};

use super::block::{Block, ROWS};
use super::feature_window::FeatureWindow;
use super::intake::{Intake, IntakeLane};
use super::lane::{Answerer, Scratch};
use super::plan::Plan;
use super::settings::Settings;

/// Rows of all blocks together, at the most; and blocks that are kept to be used again.
const MOST_ROWS: usize = 4 * ROWS;
const SPARE_BLOCKS: usize = 4;

/// Rows that are added before it is asked again whether there is room.
const STEP: usize = 256;

/// Who answered, as predictions say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) role: &'a str,
    pub(super) version: Option<&'a str>,
    pub(super) has_features: bool,
}

#[derive(Debug)]
pub(super) struct Windows {
    plan: Arc<Plan>,
    settings: Arc<Settings>,
    /// Each lies in one of `features`, which has each answerer of it.
    intakes: Vec<Intake>,
    features: Vec<FeatureWindow>,
    spare: Vec<Block>,
    waiting_rows: usize,
    scratch: Scratch,
    finished: Vec<ProfileDelta>,
}

impl Windows {
    pub(super) fn new(plan: Arc<Plan>, settings: Arc<Settings>) -> Self {
        Self {
            plan,
            settings,
            intakes: Vec::new(),
            features: Vec::new(),
            spare: Vec::new(),
            waiting_rows: 0,
            scratch: Scratch::default(),
            finished: Vec::new(),
        }
    }

    pub(super) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Ends all windows: the next ones are of that plan.
    pub(super) fn replace_plan(&mut self, plan: Arc<Plan>) {
        self.end_all();
        // they have the columns of the other plan
        self.spare.clear();
        self.plan = plan;
    }

    /// The window that a prediction of that time comes into.
    pub(super) fn intake_window(&self, time: Timestamp) -> Window {
        let Settings { has_minutes, feature_window, .. } = *self.settings;
        Window::of(time, if has_minutes { WindowWidth::Minute } else { feature_window })
    }

    /// Adds predictions of one window and answerer.
    pub(super) fn extend(
        &mut self,
        window: Window,
        asked: Asked<'_>,
        rows: &[Prediction],
        request: &mut u64,
        now: Duration,
    ) {
        let plan = Arc::clone(&self.plan);
        let mut rows = rows;
        while !rows.is_empty() {
            let (place, lane) = self.lane(window, asked, now);
            let Some(block) = self.block_mut(place, lane) else { return };
            let (some, rest) = rows.split_at(rows.len().min(block.room().clamp(1, STEP)));
            block.extend(&plan, some, request);
            rows = rest;
            self.note_rows(place, lane, some.len());
        }
    }

    /// Adds what a challenger answered to a request of the champion's.
    pub(super) fn push_pair(
        &mut self,
        window: Window,
        asked: Asked<'_>,
        sides: [&Prediction; 2],
        weight: f64,
        request: &mut u64,
        now: Duration,
    ) {
        let plan = Arc::clone(&self.plan);
        let (place, lane) = self.lane(window, asked, now);
        if let Some(block) = self.block_mut(place, lane) {
            block.push_pair(&plan, sides, weight, request);
            self.note_rows(place, lane, 1);
        }
    }

    fn block_mut(&mut self, place: usize, lane: usize) -> Option<&mut Block> {
        Some(&mut self.intakes.get_mut(place)?.lanes.get_mut(lane)?.block)
    }

    fn note_rows(&mut self, place: usize, lane: usize, rows: usize) {
        self.waiting_rows += rows;
        if self.block_mut(place, lane).is_some_and(|block| block.room() == 0) {
            self.fold(place, lane);
        } else if self.waiting_rows > MOST_ROWS {
            (0..self.intakes.len()).for_each(|place| self.fold_all(place));
        }
    }

    /// The places of the window, which is opened if need be, and of the answerer in it.
    fn lane(&mut self, window: Window, asked: Asked<'_>, now: Duration) -> (usize, usize) {
        let place = match self.intakes.iter().rposition(|intake| intake.window == window) {
            Some(place) => place,
            None => self.open(window, now),
        };
        let Self { plan, settings, intakes, features, spare, .. } = self;
        let Some(intake) = intakes.get_mut(place) else { return (place, 0) };
        let known = intake.lanes.iter().position(|lane| lane.answerer.is(asked.role, asked.version));
        let lane = known.unwrap_or_else(|| {
            let within = intake.window.within(settings.feature_window);
            let answerer = match features.iter_mut().find(|open| open.window == within) {
                Some(open) => {
                    open.resolve(plan, asked.role, asked.version, settings.versions, asked.has_features)
                }
                // there always is one
                None => Answerer { role: asked.role.into(), version: asked.version.map(Into::into) },
            };
            let known = intake.lanes.iter().position(|lane| lane.answerer == answerer);
            known.unwrap_or_else(|| {
                let block = spare.pop().filter(|_| asked.has_features);
                let block = block.unwrap_or_else(|| Block::new(plan, asked.has_features));
                let (has_features, has_minutes) = (asked.has_features, settings.has_minutes);
                intake.lanes.push(IntakeLane::new(plan, answerer, has_features, has_minutes, block));
                intake.lanes.len() - 1
            })
        });
        (place, lane)
    }

    /// Opens a window, and ends the oldest ones if too many are open.
    fn open(&mut self, window: Window, now: Duration) -> usize {
        let within = window.within(self.settings.feature_window);
        if !self.features.iter().any(|open| open.window == within) {
            while self.features.len() >= self.settings.open_feature_windows {
                self.end_oldest_features();
            }
            self.features.push(FeatureWindow::new(within, now));
        }
        while self.intakes.len() >= self.settings.open_minutes {
            let oldest = self.intakes.iter().enumerate().min_by_key(|(_, open)| open.window.start());
            let Some((oldest, _)) = oldest else { break };
            self.end_intake(oldest);
        }
        self.intakes.push(Intake { window, lanes: Vec::new() });
        self.intakes.len() - 1
    }

    fn end_oldest_features(&mut self) {
        let oldest = self.features.iter().map(|open| open.window).min_by_key(|window| window.start());
        if let Some(oldest) = oldest {
            self.end_features(|open| open.window == oldest);
        }
    }

    /// Ends those windows of features, and before them the minutes in them.
    fn end_features(&mut self, is_over: impl Fn(&FeatureWindow) -> bool) {
        let width = self.settings.feature_window;
        let over: Vec<Window> =
            self.features.iter().filter(|open| is_over(open)).map(|open| open.window).collect();
        while let Some(place) =
            self.intakes.iter().position(|intake| over.contains(&intake.window.within(width)))
        {
            self.end_intake(place);
        }
        let Self { plan, features, finished, .. } = self;
        features.retain(|open| {
            let is_over = over.contains(&open.window);
            if is_over {
                finished.extend(open.encode(plan));
            }
            !is_over
        });
    }

    fn end_intake(&mut self, place: usize) {
        self.fold_all(place);
        let Self { plan, intakes, finished, spare, .. } = self;
        let intake = intakes.remove(place);
        finished.extend(intake.encode(plan));
        let blocks = intake.lanes.into_iter().map(|lane| lane.block).filter(Block::has_features);
        spare.extend(blocks.take(SPARE_BLOCKS.saturating_sub(spare.len())));
    }

    fn fold_all(&mut self, place: usize) {
        let lanes = self.intakes.get(place).map_or(0, |intake| intake.lanes.len());
        (0..lanes).for_each(|lane| self.fold(place, lane));
    }

    /// Folds the rows of a block, and empties it.
    fn fold(&mut self, place: usize, lane: usize) {
        let Self { plan, settings, intakes, features, waiting_rows, scratch, .. } = self;
        let Some(intake) = intakes.get_mut(place) else { return };
        let within = intake.window.within(settings.feature_window);
        let Some(lane) = intake.lanes.get_mut(lane) else { return };
        if lane.block.len() == 0 {
            return;
        }
        lane.block.note_outside(plan);
        lane.fold();
        let open = features.iter_mut().find(|open| open.window == within);
        if let Some(whole) = open.and_then(|open| open.lane_mut(&lane.answerer)) {
            whole.fold(plan, &lane.block, settings.segment_values, scratch);
        }
        *waiting_rows = waiting_rows.saturating_sub(lane.block.len());
        lane.block.clear();
    }

    /// Ends all windows.
    pub(super) fn end_all(&mut self) {
        self.end_features(|_| true);
    }

    /// Ends windows that are over, and hands over parts of those that have been open for too long.
    pub(super) fn end_some(&mut self, is_over: impl Fn(Window) -> bool, now: Duration) {
        while let Some(place) = self.intakes.iter().position(|intake| is_over(intake.window)) {
            self.end_intake(place);
        }
        let interval = self.settings.flush_interval;
        self.end_features(|open| {
            let is_due = interval.is_some_and(|interval| now.saturating_sub(open.since) >= interval);
            is_over(open.window) || is_due
        });
    }

    /// What has been ended since it was last asked.
    pub(super) fn take_finished(&mut self) -> std::vec::Drain<'_, ProfileDelta> {
        self.finished.drain(..)
    }
}
