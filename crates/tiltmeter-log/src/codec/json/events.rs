//! A response that is a stream of events (`text/event-stream`).
//!
//! The data of each event is a JSON text of its own. The pieces of the generated text are joined; of every other field
//! the last event that has it counts. Events that are no JSON (`[DONE]`, comments, one that was cut off) are skipped.
//!
//! Where a pointer goes through an array, its elements may come in any order and number: one of the choices of a chat
//! completion comes in each event, as the only element. So an element that has a member `index`, a whole number, is
//! element `index`, wherever it stands; without one its place counts. Element `i` belongs to instance `i` where the
//! pointer has `*`; where it has a number, the text has the pieces of that element.

use tiltmeter_record::{BodyPointer, Token};

use super::plan::{Plan, Shape, element_number};
use super::walk::{self, Scratch};
use crate::codec::slot::EventField;
use crate::codec::{Body, CodecError, FieldValue, Fields, ResponseField, ResponseFields};

#[derive(Debug)]
pub(super) struct Events {
    /// The fields of one event.
    plan: Plan<EventField>,
    event: Fields<EventField>,
    /// The text, where it stands in one element of an array: all of the elements are looked through for it.
    numbered: Option<Numbered>,
    max_bytes: usize,
    /// The data of an event of several lines.
    data: String,
    /// The text of each instance, or the one text.
    texts: Vec<Option<String>>,
}

/// The text of one element of an array.
#[derive(Debug)]
struct Numbered {
    plan: Plan<EventField>,
    element: usize,
    event: Fields<EventField>,
}

/// What is kept room for from one stream to the next.
const KEPT: usize = 64 << 10;

/// What tells which element of an array it is.
const INDEX: &str = "index";

const TEXT: EventField = EventField::Output(ResponseField::GeneratedText);

impl Events {
    /// Reads the fields of `plan` from each event, and pieces of the text at `text`. Keeps up to `max_bytes` of a text, and
    /// what is needed to see that there was more.
    pub(super) fn new(
        plan: impl Fn(Option<&BodyPointer>) -> Plan<EventField>,
        text: Option<&BodyPointer>,
        max_bytes: usize,
    ) -> Self {
        let numbered = text.and_then(Numbered::new);
        let mut all = plan(text.filter(|_| numbered.is_none()));
        if let Some(text) = text.filter(|_| all.is_ambiguous()) {
            // where the pointer of the streamed text is in the way of others, it is the only one
            all = Plan::default();
            all.add(text, TEXT, Shape::Single);
        }
        all.add_to_each(INDEX, EventField::Index);
        let (data, texts) = (String::new(), Vec::new());
        Self { plan: all, event: Fields::<EventField>::new(), numbered, max_bytes, data, texts }
    }

    pub(super) fn read(
        &mut self,
        body: Body<'_>,
        fields: &mut ResponseFields,
        scratch: &mut Scratch,
    ) -> Result<(), CodecError> {
        self.texts.clear();
        self.data.clear();
        self.data.shrink_to(KEPT);
        let (mut is_any_read, mut is_any_skipped) = (false, false);
        let mut events =
            EventData { rest: body.bytes().strip_prefix(b"\xef\xbb\xbf").unwrap_or(body.bytes()) };
        while let Some(data) = events.next(&mut self.data) {
            if data == b"[DONE]" {
                is_any_read = true;
                continue;
            }
            let Ok(text) = std::str::from_utf8(data) else {
                is_any_skipped = true;
                continue;
            };
            let mut is_read = false;
            if let Some(numbered) = &mut self.numbered {
                let take = |piece: &str| append(text_of(&mut self.texts, 0), piece, self.max_bytes);
                is_read = numbered.read(text, scratch, take);
            }
            self.event.clear();
            if walk::walk(&self.plan, text, &mut self.event, scratch).is_ok() {
                is_read = true;
                self.merge(fields)?;
            }
            is_any_read |= is_read;
            is_any_skipped |= !is_read;
        }
        for (place, text) in self.texts.iter_mut().enumerate() {
            if let Some(text) = text.take() {
                let text = FieldValue::Text(text.into());
                match fields.instances() {
                    Some(_) => fields.set_of(place, ResponseField::GeneratedText, text),
                    None => fields.set(ResponseField::GeneratedText, text),
                }
            }
        }
        if is_any_skipped && !is_any_read { Err(CodecError::Malformed) } else { Ok(()) }
    }

    /// Adds what an event says to `fields` and to the texts.
    fn merge(&mut self, fields: &mut ResponseFields) -> Result<(), CodecError> {
        let instances = self.event.instances();
        for place in 0..instances.unwrap_or(1) {
            let instance = index(&mut self.event, place).unwrap_or(place);
            if instances.is_some() && fields.instances().is_none_or(|known| known <= instance) {
                fields.set_instances(instance.saturating_add(1))?;
            }
            for slot in LAST_COUNTS {
                // what the instances share is taken with the first of them, and set for all
                let is_shared = instances.is_none() || self.event.is_shared(place, EventField::Output(slot));
                let value = self.event.take(place, EventField::Output(slot), true);
                if value.is_missing() {
                    continue;
                }
                if is_shared {
                    fields.set(slot, value);
                } else {
                    fields.set_of(instance, slot, value);
                }
            }
            if let FieldValue::Text(piece) = self.event.take(place, TEXT, true) {
                append(text_of(&mut self.texts, instance), &piece, self.max_bytes);
            }
        }
        if instances == Some(0) && fields.instances().is_none() {
            fields.set_instances(0)?;
        }
        Ok(())
    }
}

/// Which element the one at `place` says it is.
fn index(event: &mut Fields<EventField>, place: usize) -> Option<usize> {
    match event.take(place, EventField::Index, true) {
        FieldValue::Integer(index) => usize::try_from(index).ok(),
        _ => None,
    }
}

fn text_of(texts: &mut Vec<Option<String>>, instance: usize) -> &mut String {
    if texts.len() <= instance {
        texts.resize(instance + 1, None);
    }
    texts[instance].get_or_insert_default()
}

impl Numbered {
    /// `None` when no part of `text` is the number of an element, or all of the elements are wanted.
    fn new(text: &BodyPointer) -> Option<Self> {
        let number = |token: &Token| match token {
            Token::Key(key) => element_number(key),
            Token::Each => None,
        };
        let place = text.tokens().iter().position(|token| number(token).is_some())?;
        let element = text.tokens().get(place).and_then(number)?;
        if text.is_per_instance() {
            return None;
        }
        let mut plan = Plan::default();
        // a member of an object may have a number for a name as well
        plan.add(text, TEXT, Shape::Single);
        plan.add_tokens(
            text.tokens()
                .iter()
                .enumerate()
                .map(|(at, token)| if at == place { &Token::Each } else { token }),
            TEXT,
            Shape::Single,
        );
        plan.add_to_each(INDEX, EventField::Index);
        plan.needs_arrays = false;
        Some(Self { plan, element, event: Fields::<EventField>::new() })
    }

    /// Gives the pieces of the text that an event has to `take`; tells whether it is one.
    fn read(&mut self, text: &str, scratch: &mut Scratch, mut take: impl FnMut(&str)) -> bool {
        self.event.clear();
        if walk::walk(&self.plan, text, &mut self.event, scratch).is_err() {
            return false;
        }
        let instances = self.event.instances();
        for place in 0..instances.unwrap_or(1) {
            let is_it = instances.is_none() || index(&mut self.event, place).unwrap_or(place) == self.element;
            if let FieldValue::Text(piece) = self.event.take(place, TEXT, true)
                && is_it
            {
                take(&piece);
            }
        }
        true
    }
}

/// The fields of which the last event that has one counts.
const LAST_COUNTS: [ResponseField; 6] = [
    ResponseField::ModelVersion,
    ResponseField::Score,
    ResponseField::Confidence,
    ResponseField::Prediction,
    ResponseField::ClassProbabilities,
    ResponseField::Ranking,
];

/// Appends `piece`, up to one character more than fits: so a shorter piece that comes later does not close the hole, and
/// whoever takes the text cuts it.
fn append(text: &mut String, piece: &str, max_bytes: usize) {
    if let Some(room) = max_bytes.checked_sub(text.len()) {
        text.push_str(&piece[..piece.ceil_char_boundary(room.saturating_add(1))]);
    }
}

/// The data of one event after the other.
struct EventData<'b> {
    rest: &'b [u8],
}

impl<'b> EventData<'b> {
    /// The data of the next event that has some: a slice of the body where it is one line, else joined in `joined`.
    fn next<'d>(&mut self, joined: &'d mut String) -> Option<&'d [u8]>
    where
        'b: 'd,
    {
        let mut first: Option<&'b [u8]> = None;
        let mut is_joined = false;
        while let Some(line) = self.line() {
            if line.is_empty() {
                if first.is_some() {
                    break;
                }
                continue;
            }
            let Some(data) = data_of(line) else { continue };
            let Some(before) = first else {
                first = Some(data);
                continue;
            };
            if !is_joined {
                joined.clear();
                joined.push_str(&String::from_utf8_lossy(before));
                is_joined = true;
            }
            joined.push('\n');
            joined.push_str(&String::from_utf8_lossy(data));
        }
        first.map(|first| if is_joined { joined.as_bytes() } else { first })
    }

    /// The next line, which ends with CR, LF, or both.
    fn line(&mut self) -> Option<&'b [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = match rest {
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => rest,
        };
        Some(line)
    }
}

/// What a line of data holds; `None` for any other line.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    let data = line.strip_prefix(b"data:")?;
    Some(data.strip_prefix(b" ").unwrap_or(data))
}
