//! The table of what was measured, and whether it holds.

use super::series::Series;

/// One thing that was measured.
pub(super) struct Row {
    /// What, with its unit's scale in mind.
    pub(super) what: String,
    /// `ms`, `µs`, `MB`, `s`, `×`.
    pub(super) unit: &'static str,
    /// The median must not be above it.
    pub(super) hold: Option<f64>,
    /// Our own numbers.
    pub(super) ours: Series,
    /// The peer's, where it can be asked for the same.
    pub(super) peer: Option<Series>,
    /// What was wrong besides the number.
    pub(super) problem: Option<String>,
}

impl Row {
    /// A row that nothing is compared with.
    pub(super) fn new(what: impl Into<String>, unit: &'static str, hold: Option<f64>, ours: Series) -> Self {
        Self { what: what.into(), unit, hold, ours, peer: None, problem: None }
    }

    /// The same with a peer's numbers.
    pub(super) fn beside(self, peer: Option<Series>) -> Self {
        Self { peer, ..self }
    }

    /// Whether what was promised is true.
    pub(super) fn holds(&self) -> bool {
        self.problem.is_none() && self.hold.is_none_or(|hold| self.ours.median() <= hold)
    }
}

/// Lines of columns, and under them what was wrong.
pub(super) fn render(rows: &[Row], peer: Option<&str>) -> String {
    let head = ["", "median", "p90", "n", "hold", "", peer.unwrap_or("peer"), "ratio"].map(str::to_owned);
    let mut cells = vec![head.to_vec()];
    cells.extend(rows.iter().map(line));
    let widths: Vec<usize> = (0..cells[0].len())
        .map(|column| cells.iter().map(|line| line[column].chars().count()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for line in cells {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let space = " ".repeat(width - cell.chars().count());
            let (before, after) = if column == 0 { ("", space.as_str()) } else { (space.as_str(), "") };
            text.push_str(&format!("{before}{cell}{after}  "));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    for row in rows {
        if let Some(problem) = &row.problem {
            text.push_str(&format!("\n{}: {problem}", row.what));
        }
    }
    text
}

fn line(row: &Row) -> Vec<String> {
    let median = row.ours.median();
    let ratio = row.peer.as_ref().map(Series::median).filter(|peer| *peer > 0.0).map(|peer| median / peer);
    vec![
        row.what.clone(),
        number(median, row.unit),
        number(row.ours.p90(), row.unit),
        row.ours.count().to_string(),
        row.hold.map_or_else(|| "–".to_owned(), |hold| format!("≤ {}", number(hold, row.unit))),
        if row.holds() { "ok" } else { "MISSED" }.to_owned(),
        row.peer.as_ref().map_or_else(|| "–".to_owned(), |peer| number(peer.median(), row.unit)),
        ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.3}")),
    ]
}

fn number(value: f64, unit: &str) -> String {
    format!("{value:.*} {unit}", if value < 10.0 { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f64], hold: f64) -> Row {
        Row::new("a", "ms", Some(hold), Series::new(values.to_vec()).expect("values"))
    }

    #[test]
    fn the_median_is_held_and_a_problem_never_is() {
        assert!(row(&[1.0, 2.0, 90.0], 2.0).holds());
        assert!(!row(&[1.0, 3.0, 90.0], 2.0).holds());
        let broken = Row { problem: Some("one task was lost".to_owned()), ..row(&[1.0], 2.0) };
        assert!(!broken.holds());
        let text = render(&[broken], Some("other"));
        assert!(text.contains("MISSED") && text.contains("a: one task was lost") && text.contains("other"), "{text}");
    }

    #[test]
    fn a_ratio_needs_a_peer() {
        let peer = Series::new(vec![4.0]);
        assert!(render(&[row(&[1.0], 2.0).beside(peer)], Some("other")).contains("0.250"));
        assert!(!render(&[row(&[1.0], 2.0)], None).contains("0.250"));
    }
}
