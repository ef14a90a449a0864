//! Knows one answer of the feed: the rows of a page, how many there are, and where to go on.

use super::entity_set::{EntitySet, PAGE_ROWS};
use super::query::Query;
use super::value::Value;

/// The JSON of one page. `base` is the feed's address with a slash at its end, `path` what follows
/// it, both as the client sees them.
///
/// Links are absolute: the OData library inside Power BI accepts no relative context.
pub fn page(set: &EntitySet, query: &Query, base: &str, path: &str) -> String {
    let limit = query.top.unwrap_or(u64::MAX).min(PAGE_ROWS);
    let mut rows = String::new();
    let (mut n_rows, mut skip) = (0, query.skip);
    let mut next = None;
    // Without a filter the place of the first row is known, and nothing need be counted off.
    let first = if query.filter.is_empty() {
        query.first.saturating_add(std::mem::take(&mut skip))
    } else {
        query.first
    };
    for number in first..set.n_rows {
        let row = (set.row)(number);
        if !query.wants(&row) {
            continue;
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        if n_rows == limit {
            next = Some(number);
            break;
        }
        if n_rows > 0 {
            rows.push(',');
        }
        write_row(&mut rows, set, &row, query.select.as_deref());
        n_rows += 1;
    }
    let mut json = format!("{{\"@odata.context\":{}", text(&context(set, query, base)));
    if query.count {
        json.push_str(&format!(",\"@odata.count\":{}", count(set, query)));
    }
    json.push_str(&format!(",\"value\":[{rows}]"));
    let left = query.top.map(|top| top - n_rows);
    if let Some(number) = next.filter(|_| left != Some(0)) {
        let top = left.map_or(String::new(), |left| format!("$top={left}&"));
        let link = format!("{base}{path}?{}{top}$skiptoken={number}", query.carried);
        json.push_str(&format!(",\"@odata.nextLink\":{}", text(&link)));
    }
    json.push('}');
    json
}

/// The JSON of a single row that is the answer itself.
pub fn entity(set: &EntitySet, row: &[Value], base: &str) -> String {
    let context = format!("{base}$metadata#{}/$entity", set.name);
    let mut cells = String::new();
    write_row(&mut cells, set, row, None);
    let cells = cells.strip_prefix('{').unwrap_or_default();
    format!("{{\"@odata.context\":{},{cells}", text(&context))
}

/// Rows that match, however many of them a page shows.
pub fn count(set: &EntitySet, query: &Query) -> u64 {
    if query.filter.is_empty() {
        return set.n_rows;
    }
    (0..set.n_rows).filter(|number| query.wants(&(set.row)(*number))).count() as u64
}

/// Says in `$metadata`'s words what the rows are.
fn context(set: &EntitySet, query: &Query, base: &str) -> String {
    let name = set.name;
    let columns = query.select.as_ref().map_or(String::new(), |places| {
        let names: Vec<_> =
            places.iter().filter_map(|place| set.properties.get(*place)).map(|p| p.name).collect();
        format!("({})", names.join(","))
    });
    format!("{base}$metadata#{name}{columns}")
}

fn write_row(json: &mut String, set: &EntitySet, row: &[Value], select: Option<&[usize]>) {
    json.push('{');
    let mut first = true;
    for (place, (property, cell)) in set.properties.iter().zip(row).enumerate() {
        if select.is_some_and(|wanted| !wanted.contains(&place)) {
            continue;
        }
        if !std::mem::take(&mut first) {
            json.push(',');
        }
        json.push('"');
        json.push_str(property.name);
        json.push_str("\":");
        cell.write_json(json);
    }
    json.push('}');
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::entity_set::{ACCOUNTS, OPPORTUNITIES};
    use super::*;

    /// Follows the links from the first page to the last and returns the ids in the order seen.
    fn ids_of_all_pages(first_query: &str) -> Vec<String> {
        let mut query = first_query.to_owned();
        let mut ids = Vec::new();
        loop {
            let parsed = Query::parse(&OPPORTUNITIES, &query).unwrap();
            let json = page(&OPPORTUNITIES, &parsed, "http://feed/", "Opportunities");
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let rows = json["value"].as_array().unwrap();
            assert!(rows.len() as u64 <= PAGE_ROWS);
            ids.extend(rows.iter().map(|row| row["Id"].as_str().unwrap().to_owned()));
            let Some(link) = json["@odata.nextLink"].as_str() else { return ids };
            query = link.strip_prefix("http://feed/Opportunities?").unwrap().to_owned();
        }
    }

    #[test]
    fn the_links_lead_through_every_row_once() {
        let ids = ids_of_all_pages("$select=Id");
        let different: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!((ids.len() as u64, different.len()), (OPPORTUNITIES.n_rows, ids.len()));
    }

    #[test]
    fn top_and_skip_hold_across_pages() {
        let all = ids_of_all_pages("$select=Id");
        assert_eq!(ids_of_all_pages("$skip=4990&$top=12000"), all[4_990..16_990]);
        assert_eq!(ids_of_all_pages("$top=0").len(), 0);
        assert_eq!(ids_of_all_pages("$top=5000").len(), 5_000);
        assert_eq!(ids_of_all_pages("$skip=200000").len(), 0);
    }

    #[test]
    fn a_filter_finds_as_many_rows_as_the_count_says() {
        let text = "$filter=StageName+eq+'Closed+Won'";
        let query = Query::parse(&OPPORTUNITIES, text).unwrap();
        assert_eq!(ids_of_all_pages(text).len() as u64, count(&OPPORTUNITIES, &query));
    }

    #[test]
    fn every_cell_of_an_odd_row_reads_back_as_it_was() {
        let json = page(&ACCOUNTS, &Query::default(), "http://feed/", "Accounts");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        for (number, shown) in json["value"].as_array().unwrap().iter().enumerate() {
            let row = (ACCOUNTS.row)(number as u64);
            assert_eq!(Value::Text(shown["Name"].as_str().unwrap().to_owned().into()), row[1]);
        }
    }
}
