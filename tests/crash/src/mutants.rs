//! Hosts with a planted mistake: the kit must catch each, or it would not notice a real one.

mod places;

use std::path::Path;

use exportgate_tests::planted::{Mutant, catch_all};

use self::places::PLACES;
use crate::{load, stories};

/// Rounds of the host without a mistake.
const CONTROL_ROUNDS: u32 = 10;
/// A mistake has to show within so many rounds. Most show in the first one, and the one that shows
/// only when the kill comes in the middle of a commit in one of fifteen.
const MOST_ROUNDS: u32 = 300;

/// How findings begin, after the round or cut.
const LOST: &str = ": lost, `";
const ACCEPTED: &str = ": wrongly accepted, `";
/// How a host refuses to start on a disk on which nothing of its database has arrived.
const OLDER: &str = "exportgate.witness has seen";
/// How `exportgate check` complains about a history that does not tell all.
const UNTOLD: &str = "`exportgate check`: ";

/// Kills show it, and load does.
const KEEP_REVOKED: Mutant = Mutant {
    name: "keep-revoked-in-memory",
    mistake: "a revocation does not reach the memory that validation reads",
    shows: &[ACCEPTED],
};

/// The mistakes, what they do, and what shows them.
pub const MUTANTS: [Mutant; 10] = [
    Mutant {
        name: "acknowledge-before-commit",
        mistake: "a change is answered before it is durable",
        shows: &[LOST, ACCEPTED],
    },
    Mutant {
        name: "show-before-commit",
        mistake: "a change is in memory before it is durable",
        shows: &[LOST, ACCEPTED],
    },
    KEEP_REVOKED,
    Mutant {
        name: "revoke-in-memory-late",
        mistake: "a revocation reaches that memory after its answer",
        shows: &[ACCEPTED],
    },
    Mutant {
        name: "revoke-in-memory-only",
        mistake: "a revocation is not stored",
        shows: &[ACCEPTED],
    },
    Mutant { name: "rename-in-memory-only", mistake: "a rename is not stored", shows: &[LOST] },
    Mutant {
        name: "revoke-without-event",
        mistake: "a revocation is not in the history",
        shows: &[UNTOLD],
    },
    Mutant {
        name: "create-without-event",
        mistake: "a creation is not in the history",
        shows: &[UNTOLD],
    },
    Mutant {
        name: "drop-log-at-start",
        mistake: "what was not copied out of the write-ahead log is gone after a kill",
        shows: &[LOST],
    },
    Mutant {
        name: "forget-revocations-at-start",
        mistake: "after a start all tokens live again",
        shows: &[ACCEPTED],
    },
];

/// Mistakes that only a power cut shows.
pub const POWER_MUTANTS: [Mutant; 3] = [
    Mutant {
        name: "keep-failed-log",
        mistake: "after a failed sync the next commit is written in the same place",
        shows: &["lost: "],
    },
    Mutant {
        name: "synchronous-normal",
        mistake: "the log is synced only before it is copied",
        shows: &[LOST, ACCEPTED],
    },
    Mutant {
        name: "synchronous-off",
        mistake: "nothing is synced",
        shows: &[LOST, ACCEPTED, OLDER],
    },
];
/// So many cuts have to be enough for each.
const POWER_CUTS: &str = "60";

/// Mistakes that show under load, or only after a while of it.
pub const LOAD_MUTANTS: [Mutant; 2] = [
    KEEP_REVOKED,
    Mutant {
        name: "leak-with-each-validation",
        mistake: "eight bytes are never given back",
        shows: &[load::GREW],
    },
];
/// Memory settles for five minutes, and what leaks shows in two more.
const LOAD_MINUTES: &str = "7";

/// Mistakes in how the host bears a bad disk, a wrong clock and an old database, and the stories
/// that show each.
pub const STORY_MUTANTS: [(Mutant, &str); 17] = [
    (
        Mutant {
            name: "acknowledge-before-commit",
            mistake: "a change is answered before it is durable",
            shows: &["it was answered before the sync", "unknown_token"],
        },
        "faults::calls",
    ),
    (
        Mutant {
            name: "show-before-commit",
            mistake: "a change is in memory before it is durable",
            shows: &["revoked"],
        },
        "faults::calls",
    ),
    (
        Mutant {
            name: "take-failure-for-success",
            mistake: "a commit that failed is answered like any other",
            shows: &["were noticed", "left == right"],
        },
        "faults::calls",
    ),
    (
        Mutant {
            name: "apply-in-parts",
            mistake: "a policy is applied to tokens in two commits",
            shows: &["end earlier"],
        },
        "faults::calls",
    ),
    (
        Mutant {
            name: "no-reserve",
            mistake: "the reserve of the disk is given to nobody",
            shows: &["did not get the reserve", "revocation 1"],
        },
        "faults::calls,faults::full",
    ),
    (
        Mutant {
            name: "reserve-for-everybody",
            mistake: "the reserve is given to whoever comes first",
            shows: &["revocation 1", "were noticed"],
        },
        "faults::calls,faults::full",
    ),
    (
        Mutant {
            name: "lock-left-out",
            mistake: "a data folder is held by nobody",
            shows: &["the host started", "is not in"],
        },
        "faults::second_host",
    ),
    (
        Mutant {
            name: "time-goes-back",
            mistake: "the machine's clock is followed back",
            shows: &["allowed"],
        },
        "clock::",
    ),
    (
        Mutant {
            name: "believe-a-jump",
            mistake: "the machine's clock is followed 400 days ahead",
            shows: &["expired"],
        },
        "clock::",
    ),
    (
        Mutant {
            name: "start-far-ahead",
            mistake: "a start 400 days later asks nobody",
            shows: &["unwrap_err"],
        },
        "clock::",
    ),
    (
        Mutant {
            name: "tell-before-the-mark",
            mistake: "an end is told before it is remembered",
            shows: &["lives again", "allowed"],
        },
        "clock::",
    ),
    (
        Mutant {
            name: "serve-any-database",
            mistake: "nobody asks the witness",
            shows: &["the host started"],
        },
        "rollback::",
    ),
    (
        Mutant {
            name: "witness-stands-still",
            mistake: "the witness sees the first change and no other",
            shows: &["the host started"],
        },
        "rollback::",
    ),
    (
        Mutant {
            name: "accept-without-revoking",
            mistake: "an older database is accepted with all its tokens",
            shows: &["allow"],
        },
        "rollback::",
    ),
    (
        Mutant {
            name: "restore-revives",
            mistake: "what the former database knows as revoked lives again",
            shows: &["what_the_former_database_knows_as_revoked_stays_revoked"],
        },
        "rollback::",
    ),
    (
        Mutant {
            name: "stay-signed-in",
            mistake: "sessions of an older database go on",
            shows: &["nobody stays signed in", "is not signed in again"],
        },
        "rollback::",
    ),
    (
        Mutant {
            name: "drop-log-at-start",
            mistake: "what was not copied out of the write-ahead log is gone after a kill",
            shows: &["left == right"],
        },
        "faults::calls,faults::full",
    ),
];

/// Builds the mutants, and plays rounds against each until it is caught.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run(workspace: &Path, seed: u64) -> anyhow::Result<()> {
    let play = |name: Option<&str>| {
        let rounds = if name.is_some() { MOST_ROUNDS } else { CONTROL_ROUNDS };
        let options = ["--rounds", &rounds.to_string(), "--seed", &seed.to_string(), "--forget"];
        options.map(str::to_owned).to_vec()
    };
    catch_all("crash", workspace, PLACES, &MUTANTS, play, |said| findings("crash", said))
}

/// Builds the mutants, and cuts the power of each that only this shows.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run_power(workspace: &Path, seed: u64) -> anyhow::Result<()> {
    let play = |_: Option<&str>| {
        let seed = seed.to_string();
        let options = ["power", "--no-controls", "--cuts", POWER_CUTS, "--seed", &seed];
        options.map(str::to_owned).to_vec()
    };
    let findings = |said: &str| findings("powercut", said);
    catch_all("powercut", workspace, PLACES, &POWER_MUTANTS, play, findings)
}

/// Builds the mutants, and loads each that only this shows.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run_load(workspace: &Path, seed: u64) -> anyhow::Result<()> {
    let play = |_: Option<&str>| {
        let seed = seed.to_string();
        ["load", "--minutes", LOAD_MINUTES, "--seed", &seed].map(str::to_owned).to_vec()
    };
    catch_all("load", workspace, PLACES, &LOAD_MUTANTS, play, |said| lines("load", said))
}

/// Builds the mutants, and tells each the stories that it must spoil.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run_stories(workspace: &Path) -> anyhow::Result<()> {
    let play = |name: Option<&str>| {
        let own = STORY_MUTANTS.iter().find(|(mutant, _)| Some(mutant.name) == name);
        let stories = own.map(|(_, stories)| format!("--stories={stories}"));
        std::iter::once("faults".to_owned()).chain(stories).collect()
    };
    let mutants = STORY_MUTANTS.map(|(mutant, _)| mutant);
    catch_all(stories::KIT, workspace, PLACES, &mutants, play, |said| lines(stories::KIT, said))
}

/// All that a kit said.
fn lines(kit: &str, said: &str) -> Vec<String> {
    let prefix = format!("{kit}: ");
    said.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
}

/// What was wrong, which comes after the counts, each with how many rounds or cuts it took.
fn findings(kit: &str, said: &str) -> Vec<String> {
    let prefix = format!("{kit}: ");
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix(&prefix)).collect();
    let tries = lines.first().and_then(|line| line.split(" in ").next()).unwrap_or("?");
    let wrong = lines.iter().skip_while(|line| !line.starts_with("lost ")).skip(1);
    wrong.map(|sentence| format!("{tries}; {sentence}")).collect()
}

#[cfg(test)]
mod tests;
