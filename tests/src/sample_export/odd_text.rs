//! Knows the texts that break careless exports: quotation marks, line breaks, right-to-left
//! scripts, emoji, nothing at all, and far too much.

use std::borrow::Cow;

/// Texts that real people typed into a Salesforce field, or that a program put there.
pub const ODD_TEXTS: [&str; 24] = [
    // Quotation marks, separators and escapes of CSV, JSON, SQL, shells and OData.
    "Müller & Söhne \"Nord\" GmbH",
    "O'Brien, Keane; Partners",
    "\"",
    "comma, \"quoted comma, again\", and a tail,",
    "C:\\exports\\\"new\"\\",
    "'; DROP TABLE Opportunity; --",
    "${HOME} $(id) `id` %n %s {{7*7}}",
    // A spreadsheet would run this one.
    "=SUM(A1:A9)",
    // Line breaks of three systems, a tab, and the two that JavaScript once took for line ends.
    "first line\nsecond line",
    "first line\r\nsecond line\r\n",
    "tab\there, carriage\rreturn",
    "line separator \u{2028} paragraph separator \u{2029}",
    // Scripts and marks.
    "شركة النور للتجارة",
    "חברת האור בע״מ, \"תל אביב\"",
    "mixed שלום and مرحبا and back",
    "日本電信電話株式会社",
    "Cafe\u{301} with a combining accent, and Café without",
    // Emoji: outside the Basic Multilingual Plane, joined families, flags.
    "🚀 Liftoff",
    "👩‍👩‍👧‍👦 family, 🇩🇪 flag, 👍🏽 skin",
    // Nothing, almost nothing, and what looks like nothing.
    "",
    "  leading and trailing  ",
    "\u{a0}\u{200b}",
    "null",
    // Markup.
    "<b>bold</b> &amp; ]]> <script>alert(1)</script>",
];

/// Characters of the longest text: what a Salesforce long text area holds by default.
pub const LONG_TEXT_CHARACTERS: usize = 32_768;

/// The odd text with this number, starting over at the end of the table.
pub fn odd_text(number: u64) -> Cow<'static, str> {
    let place = usize::try_from(number % ODD_TEXTS.len() as u64).unwrap_or(0);
    Cow::Borrowed(ODD_TEXTS.get(place).copied().unwrap_or(""))
}

/// A text as long as Salesforce lets it be, with the odd ones in it.
pub fn long_text() -> Cow<'static, str> {
    let sentence = ODD_TEXTS.join(" / ");
    Cow::Owned(sentence.chars().cycle().take(LONG_TEXT_CHARACTERS).collect())
}
