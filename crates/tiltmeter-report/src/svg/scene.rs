//! A drawing as a list of marks, which a template writes as SVG.

use std::fmt::{self, Write as _};

use askama::Template;

use crate::Error;

/// For which pages a chart is drawn. Letters keep their size: what changes is how much room there is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Desktop, print.
    Wide,
    /// Phones.
    Narrow,
}

impl Width {
    /// The width of the drawing.
    pub(crate) fn pixels(self) -> f64 {
        self.pick(960.0, 350.0)
    }

    /// The one or the other.
    pub(crate) fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// A drawing with what it shows in words.
#[derive(Debug, Template)]
#[template(path = "scene.svg", whitespace = "minimize")]
pub(crate) struct Scene {
    page: Width,
    /// Unique in the page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What it shows, for those who do not see it.
    pub(crate) description: String,
    pub(crate) width: Px,
    pub(crate) height: Px,
    pub(crate) marks: Vec<Mark>,
}

/// One element of a drawing.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) class: &'static str,
    pub(crate) shape: Shape,
    /// What it says when it is pointed at.
    pub(crate) tip: Option<String>,
}

/// The shape of a mark.
#[derive(Debug)]
pub(crate) enum Shape {
    Line {
        from: (Px, Px),
        to: (Px, Px),
    },
    Rect {
        at: (Px, Px),
        size: (Px, Px),
    },
    Circle {
        at: (Px, Px),
        radius: Px,
    },
    Path(Outline),
    Text {
        at: (Px, Px),
        anchor: Anchor,
        text: String,
    },
    /// Characters on one line, each around a place of its own.
    Signs {
        places: Places,
        y: Px,
        text: String,
    },
}

/// On which side of its place a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A length or a place; written with one decimal at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Px(pub(crate) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = if self.0.is_finite() { (self.0 * 10.0).round() } else { 0.0 };
        // adding zero turns -0 into 0
        write!(f, "{}", tenths / 10.0 + 0.0)
    }
}

/// Places from left to right, as an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Places(Vec<Px>);

impl Places {
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, place) in self.0.iter().enumerate() {
            write!(f, "{}{place}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// The commands of a path.
#[derive(Debug, Default)]
pub(crate) struct Outline(String);

impl Outline {
    /// Lines from point to point.
    pub(crate) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut outline = Self::default();
        for (index, (x, y)) in points.into_iter().enumerate() {
            let _ = write!(outline.0, "{}{} {}", if index == 0 { 'M' } else { 'L' }, Px(x), Px(y));
        }
        outline
    }

    /// A triangle that points down, or up, around a point.
    pub(crate) fn triangle((x, y): (f64, f64), radius: f64) -> Self {
        let mut outline =
            Self::through([(x - radius, y - radius * 0.7), (x + radius, y - radius * 0.7), (x, y + radius)]);
        outline.0.push('Z');
        outline
    }

    /// Rectangles, each by its left top corner and its size: as one path much shorter than one by one.
    pub(crate) fn boxes(boxes: impl IntoIterator<Item = ((f64, f64), (f64, f64))>) -> Self {
        let mut outline = Self::default();
        for ((x, y), (width, height)) in boxes {
            let (width, height) = (Px(width.max(0.0)), Px(height.max(0.0)));
            let _ = write!(outline.0, "M{} {}h{width}v{height}h-{width}Z", Px(x), Px(y));
        }
        outline
    }

    /// The area within a line that ends where it began.
    pub(crate) fn around(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut outline = Self::through(points);
        if !outline.0.is_empty() {
            outline.0.push('Z');
        }
        outline
    }

    /// These outlines as one.
    pub(crate) fn together(outlines: impl IntoIterator<Item = Self>) -> Self {
        Self(outlines.into_iter().map(|outline| outline.0).collect())
    }

    /// Slanted lines that fill a rectangle.
    pub(crate) fn hatching((left, top): (f64, f64), (width, height): (f64, f64)) -> Self {
        const DISTANCE: f64 = 7.0;
        let mut outline = Self::default();
        // each line is where x + y is the same, counted from the left top corner
        let lines = std::iter::successors(Some(DISTANCE / 2.0), |sum| Some(sum + DISTANCE));
        for sum in lines.take_while(|sum| *sum < width + height) {
            let (low, high) = ((sum - height).max(0.0), sum.min(width));
            let ends = [(left + low, top + sum - low), (left + high, top + sum - high)];
            outline.0.push_str(&Self::through(ends).0);
        }
        outline
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scene {
    pub(crate) fn new(id: &str, width: Width, height: f64, title: &str, description: String) -> Self {
        Self {
            page: width,
            id: format!("{id}-{}", width.pick("wide", "narrow")),
            title: title.to_owned(),
            description,
            width: Px(width.pixels()),
            height: Px(height),
            marks: Vec::new(),
        }
    }

    pub(crate) fn svg(&self) -> Result<String, Error> {
        self.render().map_err(Error::of("scene.svg"))
    }

    pub(crate) fn line(&mut self, class: &'static str, from: (f64, f64), to: (f64, f64)) {
        self.push(class, Shape::Line { from: px(from), to: px(to) });
    }

    pub(crate) fn rect(&mut self, class: &'static str, at: (f64, f64), size: (f64, f64)) {
        let size = (size.0.max(0.0), size.1.max(0.0));
        self.push(class, Shape::Rect { at: px(at), size: px(size) });
    }

    pub(crate) fn circle(&mut self, class: &'static str, at: (f64, f64), radius: f64) {
        self.push(class, Shape::Circle { at: px(at), radius: Px(radius) });
    }

    pub(crate) fn path(&mut self, class: &'static str, outline: Outline) {
        self.push(class, Shape::Path(outline));
    }

    pub(crate) fn text(
        &mut self,
        class: &'static str,
        anchor: Anchor,
        at: (f64, f64),
        text: impl Into<String>,
    ) {
        self.push(class, Shape::Text { at: px(at), anchor, text: text.into() });
    }

    /// Writes characters on one line, each around a place of its own.
    pub(crate) fn signs(&mut self, class: &'static str, places: Vec<f64>, y: f64, text: String) {
        let places = Places(places.into_iter().map(Px).collect());
        self.push(class, Shape::Signs { places, y: Px(y), text });
    }

    /// What the mark that was drawn last says when it is pointed at. A phone has nothing to point with.
    pub(crate) fn tip(&mut self, text: impl Into<String>) {
        if self.page == Width::Narrow {
            return;
        }
        if let Some(mark) = self.marks.last_mut() {
            mark.tip = Some(text.into());
        }
    }

    fn push(&mut self, class: &'static str, shape: Shape) {
        self.marks.push(Mark { class, shape, tip: None });
    }
}

fn px((x, y): (f64, f64)) -> (Px, Px) {
    (Px(x), Px(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_short() {
        let shown = [1.0, 2.34567, -0.04, f64::NAN].map(|x| Px(x).to_string());
        assert_eq!(shown, ["1", "2.3", "0", "0"]);
    }

    #[test]
    fn hatching_stays_within_its_rectangle() {
        let lines = Outline::hatching((10.0, 20.0), (14.0, 7.0)).to_string();
        assert_eq!(lines, "M10 23.5L13.5 20M13.5 27L20.5 20M20.5 27L24 23.5");
    }

    #[test]
    fn a_drawing_says_what_it_shows_and_escapes_what_it_is_told() {
        let mut scene = Scene::new("x", Width::Wide, 20.0, "T <b>", "D & d".to_owned());
        scene.rect("c", (0.0, 1.25), (10.0, -3.0));
        scene.tip("</title><script>");
        scene.text("t", Anchor::End, (1.0, 2.0), "\"&\"");
        scene.signs("s", vec![1.0, 2.5], 3.0, "?*".to_owned());
        insta::assert_snapshot!(scene.svg().unwrap());
    }
}
