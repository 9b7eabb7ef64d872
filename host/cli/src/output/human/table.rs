//! Columns of text: as wide as what is in them, no wider than they may be, and all together no wider than the terminal.

use aid_core::text::{cut_to_width, display_width, pad_to_width};

use crate::output::{Paint, Tone};

/// Between two columns.
const GAP: usize = 2;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    max: usize,
    right: bool,
    optional: bool,
    min: Option<usize>,
}

impl Column {
    /// A column that is as wide as what is in it.
    pub(crate) const fn new(title: &'static str) -> Self {
        Self { title, max: usize::MAX, right: false, optional: false, min: None }
    }

    /// Aligned to the right, for numbers.
    pub(crate) const fn number(mut self) -> Self {
        self.right = true;
        self
    }

    /// Never wider than this.
    pub(crate) const fn at_most(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Left out when nothing is in it.
    pub(crate) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Gives way down to this width when the terminal is too narrow; the last column that can does first.
    pub(crate) const fn shrinks_to(mut self, min: usize) -> Self {
        self.min = Some(min);
        self
    }
}

/// What stands in one place. The text is harmless already.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Text in a tone.
    pub(crate) fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::toned(Tone::Plain, text)
    }
}

/// Rows of cells, one for each column.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.rows.push(cells.into());
    }

    /// The whole table, header first, lines joined by line ends; at most `total` columns wide.
    pub(crate) fn render(&self, total: Option<usize>, paint: Paint) -> String {
        let shown: Vec<usize> = (0..self.columns.len()).filter(|at| self.is_shown(*at)).collect();
        let mut widths: Vec<usize> = shown.iter().map(|at| self.natural_width(*at)).collect();
        if let Some(total) = total {
            self.shrink(&shown, &mut widths, total);
        }
        let header = self.columns.iter().map(|column| Cell::toned(Tone::Heading, column.title)).collect();
        let lines = std::iter::once(&header).chain(&self.rows);
        let lines: Vec<String> = lines.map(|row| self.line(row, &shown, &widths, total, paint)).collect();
        lines.join("\n")
    }

    fn is_shown(&self, at: usize) -> bool {
        !self.columns[at].optional || self.rows.iter().any(|row| !row[at].text.is_empty())
    }

    fn natural_width(&self, at: usize) -> usize {
        let cells = self.rows.iter().map(|row| display_width(&row[at].text));
        let widest = cells.max().unwrap_or(0).min(self.columns[at].max);
        widest.max(display_width(self.columns[at].title))
    }

    fn shrink(&self, shown: &[usize], widths: &mut [usize], total: usize) {
        let used = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let mut excess = used.saturating_sub(total);
        for (at, width) in shown.iter().zip(widths.iter_mut()).rev() {
            let Some(min) = self.columns[*at].min else { continue };
            let given = excess.min(width.saturating_sub(min));
            *width -= given;
            excess -= given;
        }
    }

    fn line(&self, row: &[Cell], shown: &[usize], widths: &[usize], total: Option<usize>, paint: Paint) -> String {
        let mut line = String::new();
        let mut left = total.unwrap_or(usize::MAX);
        for (place, (at, width)) in shown.iter().zip(widths).enumerate() {
            let gap = if place == 0 { 0 } else { GAP };
            if left <= gap {
                break;
            }
            line.push_str(&" ".repeat(gap));
            left -= gap;
            let (cell, width) = (&row[*at], (*width).min(left));
            let text = self.aligned(&cell.text, *at, width, place + 1 == shown.len());
            line.push_str(&paint.tone(cell.tone, &text));
            left -= width;
        }
        line.truncate(line.trim_end().len());
        line
    }

    fn aligned(&self, text: &str, at: usize, width: usize, last: bool) -> String {
        let text = cut_to_width(text, width);
        if self.columns[at].right {
            return format!("{}{text}", " ".repeat(width.saturating_sub(display_width(&text))));
        }
        if last { text.into_owned() } else { pad_to_width(&text, width) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::ColorWhen;

    fn plain() -> Paint {
        Paint::of(ColorWhen::Never, &std::io::stdout(), &|_| None)
    }

    fn table() -> Table {
        let columns = [
            Column::new("ID"),
            Column::new("None").optional(),
            Column::new("N").number(),
            Column::new("Text").at_most(12).shrinks_to(5),
        ];
        let mut table = Table::new(columns);
        table.row(["t-1", "", "7", "short"].map(|text| Cell::from(text.to_owned())));
        table.row(["t-22", "", "1234", "rather a long text"].map(|text| Cell::from(text.to_owned())));
        table
    }

    #[test]
    fn columns_are_aligned_and_bounded() {
        let wanted = "ID       N  Text\nt-1      7  short\nt-22  1234  rather a lo…";
        assert_eq!(table().render(None, plain()), wanted);
    }

    #[test]
    fn a_narrow_terminal_cuts() {
        for total in [40, 20, 17, 10, 5] {
            let text = table().render(Some(total), plain());
            assert!(text.lines().all(|line| display_width(line) <= total), "{total}:\n{text}");
            assert_eq!(text.lines().count(), 3);
        }
        assert!(table().render(Some(17), plain()).ends_with("t-22  1234  rath…"));
    }
}
