//! Checkpoints of the history, and proofs that lead to them.

use exportgate_core::{
    checkpoint::Checkpoint,
    code::Code,
    id::OrgId,
    merkle::{Hash, proof, verify::Tree},
};

use super::{Failure, read_history::Scope};
use crate::{
    app::App,
    store::{StoreError, Tx, WriteError, history::is_about, organizations, tree::StoredTree},
};

/// A signed checkpoint, with what a reader needs to check it.
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
    /// What checks the signature.
    pub verifier_key: String,
}

/// The checkpoint of an organization's history as it is now.
///
/// # Errors
/// A failure of the store.
pub async fn checkpoint(app: &App, org_id: OrgId) -> Result<SignedCheckpoint, Failure> {
    let org = org_id.clone();
    let tree =
        app.store.read(move |connection| Ok(StoredTree::open(connection, &org)?.tree())).await?;
    Ok(sign(app, &org_id, tree))
}

fn sign(app: &App, org_id: &OrgId, tree: Tree) -> SignedCheckpoint {
    let origin = app.checkpoint_key.origin(org_id);
    let verifier_key = app.checkpoint_key.verifier(&origin).to_string();
    let checkpoint = Checkpoint { origin, tree };
    let note = app.checkpoint_key.sign(&checkpoint);
    SignedCheckpoint { checkpoint, note, verifier_key }
}

/// A proof that an event is in a tree.
pub struct InclusionProof {
    /// The tree's size.
    pub size: u64,
    /// The event's hash.
    pub leaf: Hash,
    /// From the leaf's sibling up.
    pub proof: Vec<Hash>,
}

/// Proves that an event is among the first `size`; all of them where no size is given.
///
/// # Errors
/// `history.event_not_found` for an event that does not exist, that is not below `size`, or that
/// the reader may not see; `request.malformed` for a tree that does not exist yet; a failure of
/// the store.
pub async fn prove_inclusion(
    app: &App,
    org_id: OrgId,
    scope: Scope,
    sequence: u64,
    size: Option<u64>,
) -> Result<InclusionProof, Failure> {
    let proven = app.store.read(move |connection| {
        let mut tree = StoredTree::open(connection, &org_id)?;
        let newest = tree.tree().size;
        let size = size.unwrap_or(newest);
        if size > newest {
            return Ok(Err(beyond_the_end(size, newest)));
        }
        let may_see = match &scope {
            // Whatever lies beyond the tree may lie beyond what the store can be asked for, too.
            _ if sequence >= size => false,
            Scope::All => true,
            Scope::Own(user_id) => is_about(connection, &org_id, sequence, user_id.as_str())?,
        };
        if !may_see {
            let detail = format!("there is no event {sequence} that you may see in this tree");
            return Ok(Err(Failure::Refused(Code::HistoryEventNotFound, detail)));
        }
        let leaf = tree.leaf(sequence)?;
        let proof = proof::inclusion(&mut tree, sequence, size)?;
        Ok(Ok(InclusionProof { size, leaf, proof }))
    });
    proven.await?
}

/// Proves that the history's first `from` events are the beginning of its first `to`.
///
/// # Errors
/// `request.malformed` for a tree that does not exist yet, or where `from` is greater than `to`;
/// a failure of the store.
pub async fn prove_consistency(
    app: &App,
    org_id: OrgId,
    from: u64,
    to: Option<u64>,
) -> Result<(u64, Vec<Hash>), Failure> {
    let proven = app.store.read(move |connection| {
        let mut tree = StoredTree::open(connection, &org_id)?;
        let newest = tree.tree().size;
        let to = to.unwrap_or(newest);
        if to > newest || from > newest {
            return Ok(Err(beyond_the_end(to.max(from), newest)));
        }
        if from > to {
            let detail = format!("`from`, {from}, is greater than `to`, {to}");
            return Ok(Err(Failure::Refused(Code::RequestMalformed, detail)));
        }
        Ok(Ok((to, proof::consistency(&mut tree, from, to)?)))
    });
    proven.await?
}

fn beyond_the_end(size: u64, newest: u64) -> Failure {
    let detail = format!("the history has {newest} events by now, not {size}");
    Failure::Refused(Code::RequestMalformed, detail)
}

/// Signs and stores a checkpoint of every history that has grown since its last one: what
/// `history verify` compares with, and what nobody can make without the key.
///
/// # Errors
/// A failure of the store.
pub async fn keep_checkpoints(app: &App) -> Result<(), Failure> {
    let trees = app.store.read(|connection| {
        let mut grown = Vec::new();
        for (org_seq, org_id) in organizations(connection)? {
            let tree = StoredTree::open(connection, &org_id)?.tree();
            grown.push((org_seq, org_id, tree, last_checkpoint(connection, org_seq)?));
        }
        Ok(grown)
    });
    let notes: Vec<(i64, String)> = trees
        .await?
        .into_iter()
        .map(|(org_seq, org_id, tree, last)| (org_seq, sign(app, &org_id, tree).note, last))
        .filter(|(_, note, last)| last.as_ref() != Some(note))
        .map(|(org_seq, note, _)| (org_seq, note))
        .collect();
    if notes.is_empty() {
        return Ok(());
    }
    let kept = app.store.write(move |tx: &mut Tx<'_>| {
        for (org_seq, note) in &notes {
            tx.set_checkpoint(*org_seq, note)?;
        }
        Ok::<_, WriteError<Failure>>(())
    });
    Ok(kept.await?)
}

fn last_checkpoint(
    connection: &rusqlite::Connection,
    org_seq: i64,
) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT checkpoint FROM organizations WHERE org_seq = ?1")?;
    Ok(statement.query_row([org_seq], |row| row.get(0))?)
}
