//! The picture: what weights are for, and what a rate costs.

use anyhow::{Context, Result};
use askama::Template;

use crate::study::{FigureStudy, Study};

const WIDTH: f64 = 1_080.0;
const HEIGHT: f64 = 600.0;
const PANEL: (f64, f64) = (196.0, 140.0);
const LEFT: f64 = 66.0;
const GAP: f64 = 62.0;
/// The upper edges of the two rows of panels.
const ROWS: [f64; 2] = [164.0, 388.0];
/// How far the heading of a row is above its panels.
const HEADING: f64 = 38.0;

#[derive(Template)]
#[template(path = "picture.svg")]
struct Picture {
    width: f64,
    height: f64,
    title: &'static str,
    subtitle: String,
    description: String,
    keys: Vec<Key>,
    headings: Vec<Heading>,
    panels: Vec<Panel>,
    foot: String,
}

struct Heading {
    y: f64,
    text: &'static str,
}

struct Key {
    class: &'static str,
    x: f64,
    y: f64,
    text: &'static str,
}

struct Panel {
    title: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    lines: Vec<Line>,
}

struct Tick {
    at: f64,
    text: String,
    is_zero: bool,
}

struct Line {
    class: &'static str,
    points: String,
    dots: Vec<Dot>,
}

struct Dot {
    x: f64,
    y: f64,
    tip: String,
}

/// Draws the studies of one policy, by rate.
///
/// # Errors
/// When there are none.
pub fn draw(studies: &[Study]) -> Result<String> {
    let first = studies.first().context("there is nothing to draw")?;
    let mut panels = Vec::new();
    for place in 0..first.figures.len() {
        let of = |value: fn(&FigureStudy) -> f64| -> Vec<(f64, f64)> {
            let figure = |study: &Study| study.figures.get(place).map(|figure| (study.rate, value(figure)));
            studies.iter().filter_map(figure).collect()
        };
        let x = LEFT + place as f64 * (PANEL.0 + GAP);
        let name = &first.figures[place].figure;
        panels.push(panel(
            capital(name),
            (x, ROWS[0]),
            &[
                ("b", of(|figure| 100.0 * figure.unweighted_bias / figure.truth)),
                ("a", of(|figure| 100.0 * figure.bias / figure.truth)),
            ],
        ));
        panels.push(panel(
            capital(name),
            (x, ROWS[1]),
            &[
                ("c", of(|figure| 50.0 * figure.simple_width / figure.truth)),
                ("a", of(|figure| 50.0 * figure.width / figure.truth)),
            ],
        ));
    }
    let months = first.figures.first().map_or(0, |figure| figure.cells / first.seeds.max(1));
    let picture = Picture {
        width: WIDTH,
        height: HEIGHT,
        title: "Rows that are kept by a rule need their weights",
        subtitle: format!(
            "Flights under the policy {}: means over {months} months and {} keys, in % of what all rows say",
            first.policy, first.seeds
        ),
        description: "Above: the mean error of estimates from kept rows, with and without weights, by rate. Below: the mean \
                      half width of their 95 % intervals, beside that of simple random samples of as many rows."
            .to_owned(),
        keys: vec![
            Key { class: "a", x: LEFT, y: 84.0, text: "kept rows with their weights" },
            Key { class: "b", x: LEFT + 258.0, y: 84.0, text: "kept rows without weights" },
            Key { class: "c", x: LEFT + 516.0, y: 84.0, text: "a simple random sample of as many rows" },
        ],
        headings: vec![
            Heading { y: ROWS[0] - HEADING, text: "How far off an estimate is, on average (%)" },
            Heading { y: ROWS[1] - HEADING, text: "How wide its 95 % interval is (± %)" },
        ],
        panels,
        foot: foot(studies),
    };
    Ok(picture.render()?)
}

/// What the axes are, and what the rules keep besides.
fn foot(studies: &[Study]) -> String {
    let kept = |study: &Study| format!("{:.0} % at {} %", 100.0 * study.kept, percent(study.rate));
    let kept: Vec<String> = studies.iter().filter(|study| is_tick(study.rate)).map(kept).collect();
    format!("rate of rows that no rule keeps (logarithmic). Kept in all: {}", kept.join(", "))
}

/// The rates with a label.
const TICKS: [f64; 3] = [0.01, 0.1, 1.0];

fn is_tick(rate: f64) -> bool {
    TICKS.iter().any(|tick| (tick - rate).abs() < 1e-9)
}

/// A rate in per cent, with the decimals that it needs.
fn percent(rate: f64) -> f64 {
    (rate * 1e6).round() / 1e4
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn panel(title: String, (x, y): (f64, f64), lines: &[(&'static str, Vec<(f64, f64)>)]) -> Panel {
    let values = || lines.iter().flat_map(|(_, points)| points.iter());
    let (low, high) = values().fold((0.0_f64, 0.0_f64), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    let step = round_step((high - low).max(1e-9) / 4.0);
    let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
    let rates = values().map(|(rate, _)| rate.log10());
    let (least, most) =
        rates.fold((0.0_f64, f64::MIN), |(least, most), rate| (least.min(rate), most.max(rate)));
    let place_x = |rate: f64| rounded((rate.log10() - least) / (most - least).max(1e-9) * PANEL.0);
    let place_y = |value: f64| rounded((high - value) / (high - low).max(1e-9) * PANEL.1);
    let lines = lines.iter().map(|(class, points)| Line {
        class,
        points: points
            .iter()
            .map(|(rate, value)| format!("{},{}", place_x(*rate), place_y(*value)))
            .collect::<Vec<_>>()
            .join(" "),
        dots: points
            .iter()
            .map(|(rate, value)| Dot {
                x: place_x(*rate),
                y: place_y(*value),
                tip: format!("rate {rate}: {value:.3} %"),
            })
            .collect(),
    });
    let count = ((high - low) / step).round().max(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "about four")]
    let ticks = 0..=count as u32;
    Panel {
        title,
        x,
        y,
        width: PANEL.0,
        height: PANEL.1,
        x_ticks: TICKS
            .into_iter()
            .filter(|rate| rate.log10() >= least - 1e-9)
            .map(|rate| Tick { at: place_x(rate), text: format!("{} %", percent(rate)), is_zero: false })
            .collect(),
        y_ticks: ticks
            .map(|tick| low + f64::from(tick) * step)
            .map(|value| Tick {
                at: place_y(value),
                text: label(value, step),
                is_zero: value.abs() < step / 2.0,
            })
            .collect(),
        lines: lines.collect(),
    }
}

/// 1, 2 or 5 times a power of ten: the least of them that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10.0_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= least).unwrap_or(least)
}

fn label(value: f64, step: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few decimals")]
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    // no −0, and a sign as wide as a plus
    format!("{:.decimals$}", if value.abs() < step / 2.0 { 0.0 } else { value }).replace('-', "−")
}

fn rounded(pixels: f64) -> f64 {
    (pixels * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests;
