//! Knows the results of a run, which goals they meet, and how both are shown.

use std::borrow::Cow;

use comfy_table::{Cell, CellAlignment, Table};
use serde::{Deserialize, Serialize};

/// What a result has to be.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    what: String,
    value: f64,
    unit: Cow<'static, str>,
    /// What the value was made of.
    from: String,
    goal: Option<Goal>,
    met: Option<bool>,
}

/// All results of a run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    lines: Vec<Line>,
}

impl Results {
    /// Adds a figure that nothing is asked of.
    pub fn figure(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.add(what.into(), value, unit, String::new(), None);
    }

    /// Adds a figure that nothing is asked of, and what it was made of.
    pub fn compared(
        &mut self,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
        from: impl Into<String>,
    ) {
        self.add(what.into(), value, unit, from.into(), None);
    }

    /// Adds a figure with a goal, and what it was made of.
    pub fn judged(
        &mut self,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
        goal: Goal,
        from: impl Into<String>,
    ) {
        self.add(what.into(), value, unit, from.into(), Some(goal));
    }

    fn add(
        &mut self,
        what: String,
        value: f64,
        unit: &'static str,
        from: String,
        goal: Option<Goal>,
    ) {
        let met = goal.map(|goal| goal.is_met(value));
        self.push(Line { what, value, unit: unit.into(), from, goal, met });
    }

    fn push(&mut self, line: Line) {
        // Whoever waits sees each result as it comes.
        eprintln!("  {}", told(&line).join("  "));
        self.lines.push(line);
    }

    /// Adds what another run found, under this condition.
    pub fn extend(&mut self, others: Self, condition: &str) {
        for mut line in others.lines {
            line.what = format!("{}, {condition}", line.what);
            self.push(line);
        }
    }

    /// How many goals were missed.
    pub fn n_missed(&self) -> usize {
        self.lines.iter().filter(|line| line.met == Some(false)).count()
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.set_header(["What", "Measured", "Goal", "", "From"]);
        for line in &self.lines {
            let [what, value, goal, met, from] = told(line);
            let value = Cell::new(value).set_alignment(CellAlignment::Right);
            let goal = Cell::new(goal).set_alignment(CellAlignment::Right);
            table.add_row([Cell::new(what), value, goal, Cell::new(met), Cell::new(from)]);
        }
        table.to_string()
    }
}

fn told(line: &Line) -> [String; 5] {
    let goal = match line.goal {
        Some(Goal::AtLeast(least)) => format!("≥ {}", number(least)),
        Some(Goal::AtMost(most)) => format!("≤ {}", number(most)),
        None => String::new(),
    };
    let met = match line.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    };
    let unit = if line.unit.is_empty() { "" } else { " " };
    [
        line.what.clone(),
        format!("{}{unit}{}", number(line.value), line.unit),
        goal,
        met.to_owned(),
        line.from.clone(),
    ]
}

/// Three digits that count, and no more behind the point than needed.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
