//! Knows the query options of OData that the sample feed understands, and refuses all others, so
//! that a client never takes an unfiltered answer for a filtered one.

use super::entity_set::EntitySet;
use super::value::Value;

/// What a client asked of a table.
#[derive(Debug, Default)]
pub struct Query {
    /// `$top`: at most so many rows in all.
    pub top: Option<u64>,
    /// `$skip`: leave out so many rows that match.
    pub skip: u64,
    /// `$skiptoken`: number of the row at which a page starts; written by us in `@odata.nextLink`.
    pub first: u64,
    /// `$count=true`: also say how many rows match.
    pub count: bool,
    /// `$select`: places of the wanted columns; all of them when absent.
    pub select: Option<Vec<usize>>,
    /// `$filter`: place of a column and the literal that it must equal; all of them must.
    pub filter: Vec<(usize, String)>,
    /// The options that the next page carries on, as the client wrote them.
    pub carried: String,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unanswerable {
    /// The option has a value that it cannot have.
    #[error("`{0}` cannot have this value")]
    Malformed(String),
    /// OData knows it, this small feed does not.
    #[error("`{0}` is not supported by the sample feed")]
    Unsupported(String),
}

impl Query {
    /// Reads the part of an address after the question mark.
    ///
    /// # Errors
    ///
    /// [`Unanswerable`] for the first option that cannot be honoured.
    pub fn parse(set: &EntitySet, text: &str) -> Result<Self, Unanswerable> {
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            let malformed = || Unanswerable::Malformed(name.clone());
            let mut carried = true;
            match name.as_str() {
                "$top" => {
                    query.top = Some(value.parse().map_err(|_| malformed())?);
                    carried = false;
                }
                "$skip" => {
                    query.skip = value.parse().map_err(|_| malformed())?;
                    carried = false;
                }
                "$skiptoken" => {
                    query.first = value.parse().map_err(|_| malformed())?;
                    carried = false;
                }
                "$count" => query.count = value.parse().map_err(|_| malformed())?,
                "$select" if value == "*" => {}
                "$select" => {
                    let places = value.split(',').map(|column| set.place(column.trim()));
                    query.select = Some(places.collect::<Option<_>>().ok_or_else(malformed)?);
                }
                "$filter" => query.filter = conditions(set, &value)?,
                // Answers are JSON with minimal metadata whatever the client prefers.
                "$format" if value.contains("json") => {}
                other if other.starts_with('$') => {
                    return Err(Unanswerable::Unsupported(name));
                }
                // An option without `$` belongs to the client or a proxy; OData says: ignore it.
                _ => {}
            }
            if carried {
                query.carried.push_str(pair);
                query.carried.push('&');
            }
        }
        Ok(query)
    }

    /// Whether a row is wanted.
    pub fn wants(&self, row: &[Value]) -> bool {
        self.filter.iter().all(|(place, literal)| {
            row.get(*place).is_some_and(|cell| cell.equals_literal(literal))
        })
    }
}

/// Reads `Column eq literal and Column eq literal …`.
fn conditions(set: &EntitySet, text: &str) -> Result<Vec<(usize, String)>, Unanswerable> {
    let unsupported = || Unanswerable::Unsupported("$filter".to_owned());
    let mut conditions = Vec::new();
    let mut rest = text.trim();
    loop {
        // A client such as python-odata puts each condition into parentheses.
        let parentheses = rest.len() - rest.trim_start_matches('(').len();
        rest = rest.trim_start_matches('(');
        let (column, after) = rest.split_once(" eq ").ok_or_else(unsupported)?;
        let place = set.place(column.trim()).ok_or_else(unsupported)?;
        let after = after.trim_start();
        let length = literal_length(after).ok_or_else(unsupported)?;
        let (literal, after) = after.split_at_checked(length).ok_or_else(unsupported)?;
        conditions.push((place, literal.to_owned()));
        rest = after.trim_start();
        for _ in 0..parentheses {
            rest = rest.strip_prefix(')').ok_or_else(unsupported)?.trim_start();
        }
        if rest.is_empty() {
            return Ok(conditions);
        }
        rest = rest.strip_prefix("and ").ok_or_else(unsupported)?.trim_start();
    }
}

/// Bytes of the literal at the start of a text; inside a quoted one `''` is no end.
fn literal_length(text: &str) -> Option<usize> {
    if !text.starts_with('\'') {
        return Some(text.find([' ', ')']).unwrap_or(text.len())).filter(|length| *length > 0);
    }
    let mut quotes = 0_usize;
    for (at, character) in text.char_indices() {
        if character == '\'' {
            quotes += 1;
        } else if quotes.is_multiple_of(2) {
            return Some(at);
        }
    }
    quotes.is_multiple_of(2).then_some(text.len())
}

/// A part of a query as the client meant it: `+` is a space, `%41` is `A`.
fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::entity_set::OPPORTUNITIES;
    use super::*;

    #[test]
    fn conditions_are_read_with_and_without_parentheses_and_with_quotes_inside() {
        let text = "$filter=(StageName%20eq%20'Closed+Won')+and+Name+eq+'O''Brien+and+sons'";
        let query = Query::parse(&OPPORTUNITIES, text).unwrap();
        assert_eq!(query.filter, [(3, "'Closed Won'".into()), (2, "'O''Brien and sons'".into())]);
        assert_eq!(query.carried, format!("{text}&"));
    }

    #[test]
    fn what_cannot_be_honoured_is_refused() {
        let refused = |text| Query::parse(&OPPORTUNITIES, text).unwrap_err();
        assert_eq!(refused("$top=-1"), Unanswerable::Malformed("$top".into()));
        assert_eq!(refused("$select=Nothing"), Unanswerable::Malformed("$select".into()));
        for text in
            ["$orderby=Name", "$filter=Amount+gt+1", "$filter=Name+eq+'x", "$expand=Account"]
        {
            assert!(matches!(refused(text), Unanswerable::Unsupported(_)), "{text}");
        }
    }
}
