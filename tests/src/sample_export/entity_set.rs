//! Knows the two tables of the export: their columns, their types and how they hang together.

use sha2::{Digest as _, Sha256};

use super::rows::{N_ACCOUNTS, N_OPPORTUNITIES, account, opportunity};
use super::value::Value;

/// Rows that the server gives in one answer before it says where to go on.
pub const PAGE_ROWS: u64 = 5_000;

// Keep cells and rows apart in a digest; no cell holds them.
const END_OF_CELL: char = '\u{1f}';
const END_OF_ROW: char = '\u{1e}';
const NO_VALUE: char = '\0';

/// One column.
#[derive(Debug)]
pub struct Property {
    /// Name in JSON, in CSV and in a query.
    pub name: &'static str,
    /// Type as `$metadata` names it.
    pub edm: &'static str,
    /// What `$metadata` says about its size, as XML attributes.
    pub facets: &'static str,
    /// Whether the cell may have no value.
    pub nullable: bool,
}

/// A way from a row of one table to rows of the other.
#[derive(Debug)]
pub struct Navigation {
    /// Name of the way in a path, `Accounts('…')/Opportunities`.
    pub name: &'static str,
    /// The other table.
    pub target: &'static str,
    /// Whether there can be several rows at its end.
    pub many: bool,
    /// Column of this table that must equal …
    pub own: &'static str,
    /// … this column of the other.
    pub other: &'static str,
}

/// One table.
#[derive(Debug)]
pub struct EntitySet {
    /// Name in paths.
    pub name: &'static str,
    /// Name of one row's type.
    pub entity: &'static str,
    /// Rows in it.
    pub n_rows: u64,
    /// Columns, the key first.
    pub properties: &'static [Property],
    /// Ways to the other table.
    pub navigations: &'static [Navigation],
    /// The cells of the row with this number, in the order of the columns.
    pub row: fn(u64) -> Vec<Value>,
}

const MONEY: &str = "Precision=\"18\" Scale=\"2\"";

/// The accounts.
pub const ACCOUNTS: EntitySet = EntitySet {
    name: "Accounts",
    entity: "Account",
    n_rows: N_ACCOUNTS,
    properties: &[
        required("Id", "Edm.String", "MaxLength=\"18\""),
        required("Name", "Edm.String", "MaxLength=\"255\""),
        optional("Industry", "Edm.String", "MaxLength=\"255\""),
        required("BillingCity", "Edm.String", "MaxLength=\"40\""),
        required("BillingCountry", "Edm.String", "MaxLength=\"80\""),
        optional("AnnualRevenue", "Edm.Decimal", MONEY),
        required("LastModifiedDate", "Edm.DateTimeOffset", ""),
    ],
    navigations: &[Navigation {
        name: "Opportunities",
        target: "Opportunities",
        many: true,
        own: "Id",
        other: "AccountId",
    }],
    row: account,
};

/// The opportunities, each of one account.
pub const OPPORTUNITIES: EntitySet = EntitySet {
    name: "Opportunities",
    entity: "Opportunity",
    n_rows: N_OPPORTUNITIES,
    properties: &[
        required("Id", "Edm.String", "MaxLength=\"18\""),
        required("AccountId", "Edm.String", "MaxLength=\"18\""),
        required("Name", "Edm.String", "MaxLength=\"120\""),
        required("StageName", "Edm.String", "MaxLength=\"255\""),
        optional("Amount", "Edm.Decimal", MONEY),
        required("Probability", "Edm.Int32", ""),
        required("IsClosed", "Edm.Boolean", ""),
        required("CloseDate", "Edm.Date", ""),
        optional("Description", "Edm.String", "MaxLength=\"32768\""),
        required("LastModifiedDate", "Edm.DateTimeOffset", ""),
    ],
    navigations: &[Navigation {
        name: "Account",
        target: "Accounts",
        many: false,
        own: "AccountId",
        other: "Id",
    }],
    row: opportunity,
};

/// Both tables, in the order in which the service document names them.
pub const ENTITY_SETS: [&EntitySet; 2] = [&ACCOUNTS, &OPPORTUNITIES];

impl EntitySet {
    /// The table with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ENTITY_SETS.into_iter().find(|set| set.name == name)
    }

    /// SHA-256 of every cell of every row, in hexadecimal digits: what a reader of the feed must
    /// come to who lost and changed nothing. Columns go by their names, since not every reader
    /// keeps their order. `tests/odata/read_feed.py` computes the same.
    pub fn digest(&self) -> String {
        let mut by_name: Vec<_> = self.properties.iter().map(|p| p.name).enumerate().collect();
        by_name.sort_by_key(|(_, name)| *name);
        let mut hash = Sha256::new();
        for number in 0..self.n_rows {
            let row = (self.row)(number);
            let mut line = String::new();
            for cell in by_name.iter().filter_map(|(place, _)| row.get(*place)) {
                match cell {
                    Value::Null => line.push(NO_VALUE),
                    _ => cell.write_plain(&mut line),
                }
                line.push(END_OF_CELL);
            }
            line.push(END_OF_ROW);
            hash.update(line);
        }
        hex::encode(hash.finalize())
    }

    /// Place of a column in a row.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.properties.iter().position(|property| property.name == name)
    }
}

const fn required(name: &'static str, edm: &'static str, facets: &'static str) -> Property {
    Property { name, edm, facets, nullable: false }
}

const fn optional(name: &'static str, edm: &'static str, facets: &'static str) -> Property {
    Property { name, edm, facets, nullable: true }
}
