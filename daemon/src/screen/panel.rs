//! What stands at the bottom of a terminal while a code is wanted: the code, how to use it, and what
//! there is no room for above, folded to a line. In its place the advice can be read.

use super::caption::{Ways, caption, longest, no_room};
use super::told::{Told, fold, height, rows};
use crate::picture::Picture;
use crate::qr::{Cells, Form, Symbol, TooLong};
use crate::terminal::Ability;
use hybrid_protocol::QrText;
use std::collections::VecDeque;
use std::fmt;
use zeroize::Zeroizing;

/// With so many rows the code is drawn with the error correction of paper.
const ROOMY: usize = 30;
/// Statements that are kept for the advice. A session says far fewer while one code is shown.
const KEPT: usize = 64;

/// A code that is wanted.
pub struct Panel {
    text: Zeroizing<String>,
    /// From the largest to the smallest.
    symbols: [Symbol; 3],
    ways: Ways,
    told: VecDeque<Told>,
    /// The page of the advice that is shown in the place of the code.
    page: Option<usize>,
    /// The person has seen that the terminal has more characters than the locale promises.
    blocks: bool,
    /// What came of the wish for a picture.
    pictured: Option<Pictured>,
    /// The person wants to know where it is.
    naming: bool,
}

/// A picture that a person asked for, or why there is none.
pub(super) enum Pictured {
    At(Picture),
    Failed(String),
}

/// A line of the panel; all but a code's text take one row.
pub(super) struct Row {
    pub(super) text: Zeroizing<String>,
    pub(super) height: usize,
}

/// What fits.
struct Fitting<'p> {
    form: Form,
    symbol: &'p Symbol,
    narrow: bool,
}

impl Panel {
    /// A code, to be shown with these ways to go on.
    ///
    /// # Errors
    /// [`TooLong`] never happens for texts of this protocol.
    pub fn new(text: &QrText, ways: Ways) -> Result<Self, TooLong> {
        Ok(Self {
            text: Zeroizing::new(text.expose().to_owned()),
            symbols: [
                Symbol::new(text)?,
                Symbol::small(text)?,
                Symbol::smallest(text)?,
            ],
            ways,
            told: VecDeque::new(),
            page: None,
            blocks: false,
            pictured: None,
            naming: false,
        })
    }

    /// The code as it is drawn where there is room.
    pub(super) const fn symbol(&self) -> &Symbol {
        let [largest, _, _] = &self.symbols;
        largest
    }

    pub(super) fn hear(&mut self, told: &Told) {
        // What is said anew about a cause takes the place of what was said before.
        self.told
            .retain(|before| before.finding.is_none() || before.finding != told.finding);
        if self.told.len() >= KEPT {
            self.told.pop_front();
        }
        self.told.push_back(told.clone());
    }

    /// Turns to the advice, or to its next page.
    pub(super) fn advise(&mut self) {
        self.page = Some(self.page.map_or(0, |page| page + 1));
    }

    /// Turns back to the code. Says whether it was not there, on a terminal of this size.
    pub(super) fn turn_back(&mut self, columns: usize, lines: usize, ability: Ability) -> bool {
        let hidden = self.names_picture(columns, lines.saturating_sub(1), ability);
        self.naming = false;
        self.page.take().is_some() || hidden
    }

    pub(super) fn name_picture(&mut self, pictured: Pictured) {
        self.pictured = Some(pictured);
        self.naming = true;
        self.page = None;
    }

    pub(super) const fn draw_blocks(&mut self) {
        self.blocks = true;
    }

    /// All of it, lower than the terminal by the line that a person types in.
    pub(super) fn rows(&self, columns: usize, lines: usize, ability: Ability) -> Vec<Row> {
        let most = lines.saturating_sub(1);
        if let Some(page) = self.page {
            return self.advice(page, columns, most);
        }
        if self.names_picture(columns, most, ability) {
            return self.picture_page(columns, most);
        }
        match self.fitting(columns, most, ability) {
            Ok(fitting) => self.code(&fitting, columns, most),
            Err(needs) => self.without_code(needs, columns, most, ability),
        }
    }

    /// The largest that fits; otherwise what the smallest needs.
    fn fitting(
        &self,
        columns: usize,
        most: usize,
        ability: Ability,
    ) -> Result<Fitting<'_>, Option<(usize, usize)>> {
        let unicode = ability.unicode || self.blocks;
        let form = Form::of(Ability { unicode, ..ability }).ok_or(None)?;
        let from = usize::from(most + 1 < ROOMY);
        let mut needs = None;
        for (number, symbol) in self.symbols.iter().enumerate().skip(from) {
            let (wide, high) = form.size(symbol.side());
            if wide <= columns && high <= most {
                let narrow = number + 1 == self.symbols.len();
                return Ok(Fitting {
                    form,
                    symbol,
                    narrow,
                });
            }
            // Told is what one with all of its margin needs, and the line to type in.
            if number == 1 {
                needs = Some((wide, high + 1));
            }
        }
        Err(needs)
    }

    fn code(&self, fitting: &Fitting<'_>, columns: usize, most: usize) -> Vec<Row> {
        let drawing = fitting.form.draw(fitting.symbol);
        let mut all: Vec<Row> = drawing.text().lines().map(Row::one).collect();
        let free = most.saturating_sub(drawing.lines());
        let row = columns.saturating_sub(1);
        let words = match self.picture_named(row, free) {
            Some(named) if free > 0 => named,
            Some(_) | None => caption(self.ways, fitting.narrow, row, free),
        };
        let status = self.status(columns, free.saturating_sub(words.len()));
        match status {
            Some(status) if words.len() < free => {
                all.extend(words.iter().map(|line| Row::one(line)));
                all.push(Row::one(&status));
            }
            // What is wrong is more than what the keys are.
            Some(status) if free > 0 && self.has_advice() => all.push(Row::one(&status)),
            Some(_) | None => all.extend(words.iter().map(|line| Row::one(line))),
        }
        all
    }

    /// A name that is cut off leads nowhere: without room for all of it below the code, it takes the
    /// code's place for as long as the person wants.
    fn names_picture(&self, columns: usize, most: usize, ability: Ability) -> bool {
        let Some(pictured) = self.pictured.as_ref().filter(|_| self.naming) else {
            return false;
        };
        let free = match self.fitting(columns, most, ability) {
            Ok(fitting) => most.saturating_sub(fitting.form.size(fitting.symbol.side()).1),
            Err(_) => most,
        };
        rows(&pictured.to_string(), columns.saturating_sub(1)).len() > free
    }

    /// All of it where there is room, otherwise its beginning.
    fn picture_named(&self, row: usize, most: usize) -> Option<Vec<String>> {
        let text = self.pictured.as_ref()?.to_string();
        let named = rows(&text, row);
        Some(match named.len() <= most {
            true => named,
            false => vec![fold(&text, row)],
        })
    }

    fn picture_page(&self, columns: usize, most: usize) -> Vec<Row> {
        let row = columns.saturating_sub(1);
        let text = self.pictured.as_ref().map(Pictured::to_string);
        let mut lines = rows(&text.unwrap_or_default(), row);
        lines.push(longest(
            &[
                "Enter: back to the code".to_owned(),
                "Enter: code".to_owned(),
            ],
            row,
        ));
        lines.iter().take(most).map(|line| Row::one(line)).collect()
    }

    /// What was told and is not to be seen in so many rows above.
    fn status(&self, columns: usize, above: usize) -> Option<String> {
        let row = columns.saturating_sub(1);
        let mut used = 0;
        let mut hidden = self.told.iter().rev().filter(|told| {
            used += height(&told.printed(Some(columns)), columns);
            used > above
        });
        let newest = self.told.back()?;
        let first = hidden.next()?;
        let advice = std::iter::once(first)
            .chain(hidden)
            .filter(|told| told.finding.is_some())
            .count();
        let Some(told) = self
            .told
            .iter()
            .rev()
            .find(|told| told.finding.is_some() && advice > 0)
        else {
            let last_is_seen = height(&newest.printed(Some(columns)), columns) <= above;
            return (!last_is_seen).then(|| newest.folded(row));
        };
        let more = match self
            .told
            .iter()
            .filter(|told| told.finding.is_some())
            .count()
        {
            0 | 1 => String::new(),
            number => format!(" (1 of {number})"),
        };
        let suffix = longest(
            &[
                format!("{more} - d and Enter: what to do"),
                format!("{more} - d Enter: more"),
                " - d Enter: more".to_owned(),
            ],
            row / 2,
        );
        let room = row.saturating_sub(suffix.chars().count());
        Some(match self.ways.keys {
            true => format!("{}{suffix}", told.folded(room)),
            false => told.folded(row),
        })
    }

    /// The findings that have no room above, once all of it has.
    pub(super) fn unseen(&self, columns: usize, lines: usize, ability: Ability) -> Vec<Told> {
        let rows = self.rows(columns, lines, ability);
        let below: usize = rows.iter().map(|row| row.height).sum();
        let above = lines.saturating_sub(below + 1);
        let mut used = 0;
        let hidden = self.told.iter().rev().filter(|told| {
            used += height(&told.printed(Some(columns)), columns);
            used > above && told.finding.is_some()
        });
        let mut hidden: Vec<_> = hidden.cloned().collect();
        hidden.reverse();
        hidden
    }

    fn has_advice(&self) -> bool {
        self.told.iter().any(|told| told.finding.is_some())
    }

    /// Findings first, the newest before the others.
    fn advice(&self, page: usize, columns: usize, most: usize) -> Vec<Row> {
        let row = columns.saturating_sub(1).max(1);
        let ordered = [true, false].into_iter().flat_map(|advice| {
            let all = self.told.iter().rev();
            all.filter(move |told| told.finding.is_some() == advice)
        });
        let mut lines: Vec<String> = ordered
            .flat_map(|told| rows(&told.printed(Some(row)), row))
            .collect();
        if lines.is_empty() {
            lines = rows("No problem has been found so far.", row);
        }
        let per_page = most.saturating_sub(1).max(1);
        let pages = lines.len().div_ceil(per_page);
        let page = page % pages;
        let mut all: Vec<Row> = { lines.iter().skip(page * per_page).take(per_page) }
            .map(|line| Row::one(line))
            .collect();
        let keys = if pages > 1 {
            [
                format!(
                    "Enter: back to the code, d and Enter: next page ({} of {pages})",
                    page + 1
                ),
                format!("Enter: code, d Enter: {} of {pages}", page + 1),
            ]
        } else {
            [
                "Enter: back to the code".to_owned(),
                "Enter: code".to_owned(),
            ]
        };
        all.push(Row::one(&longest(&keys, row)));
        all
    }

    /// One sentence, and the text where there is room for it.
    fn without_code(
        &self,
        needs: Option<(usize, usize)>,
        columns: usize,
        most: usize,
        ability: Ability,
    ) -> Vec<Row> {
        let halves = |symbol: &Symbol| {
            let wide = symbol.side();
            wide <= columns && wide.div_ceil(2) <= most
        };
        let [.., smallest] = &self.symbols;
        let blocks = !ability.unicode && !self.blocks && halves(smallest);
        let row = columns.saturating_sub(1);
        let words = match self.picture_named(row, most) {
            Some(named) => named,
            None => no_room(
                self.ways,
                needs.unwrap_or_else(|| Form::size_of(Cells::Blanks, self.symbol().side())),
                (columns, most + 1),
                blocks,
            ),
        };
        let mut all: Vec<Row> = words.iter().map(|line| Row::one(line)).collect();
        let status = self.status(columns, most.saturating_sub(all.len() + 1));
        let text = height(&self.text, columns);
        if all.len() + text + usize::from(status.is_some()) <= most {
            all.push(Row {
                text: self.text.clone(),
                height: text,
            });
        }
        if let Some(status) = status.filter(|_| all.len() < most) {
            all.push(Row::one(&status));
        }
        all
    }
}

impl fmt::Display for Pictured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(picture) => picture.fmt(f),
            Self::Failed(why) => write!(f, "The picture cannot be written: {why}"),
        }
    }
}

impl Row {
    fn one(text: &str) -> Self {
        Self {
            text: Zeroizing::new(text.to_owned()),
            height: 1,
        }
    }
}
