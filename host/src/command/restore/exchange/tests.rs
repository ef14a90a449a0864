//! What is in place and what is kept after an exchange.

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn database(&self, name: &str, content: i64) -> PathBuf {
        let file = self.path(name);
        let sql = format!("CREATE TABLE content AS SELECT {content} AS number");
        Connection::open(&file).unwrap().execute_batch(&sql).unwrap();
        file
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn put(backup: &Path, database: &Path) -> io::Result<Option<PathBuf>> {
    put_in_place(backup, database, |_| Ok(())).map(|((), kept)| kept)
}

fn content(file: &Path) -> i64 {
    let sql = "SELECT number FROM content";
    Connection::open(file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn every_former_database_is_kept_under_a_name_of_its_own() {
    let folder = Folder::new();
    let database = folder.path("exportgate.db");
    let mut kept = Vec::new();
    for number in 1..=4 {
        let backup = folder.database(&format!("backup-{number}"), number);
        kept.extend(put(&backup, &database).unwrap());
        assert_eq!(content(&database), number);
    }
    let names =
        ["", "-2", "-3"].map(|end| folder.path(&format!("exportgate.db.before-restore{end}")));
    assert_eq!(kept, names);
    assert_eq!(names.map(|file| content(&file)), [1, 2, 3]);
}

#[test]
fn what_stands_in_the_former_log_goes_with_the_former_database() {
    let folder = Folder::new();
    let database = folder.database("exportgate.db", 1);
    let connection = Connection::open(&database).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             UPDATE content SET number = 2;",
        )
        .unwrap();
    // As after a crash: the log is there and nobody has the database open.
    let crashed = Folder::new();
    for name in ["exportgate.db", "exportgate.db-wal"] {
        fs::copy(folder.path(name), crashed.path(name)).unwrap();
    }
    let backup = folder.database("backup", 3);
    let database = crashed.path("exportgate.db");
    let kept = put(&backup, &database).unwrap().unwrap();
    assert_eq!((content(&database), content(&kept)), (3, 2));
    assert_eq!(crashed.names(), ["exportgate.db", "exportgate.db.before-restore"]);
}

#[test]
fn a_damaged_database_is_kept_with_its_log_and_does_not_stop_the_restore() {
    let folder = Folder::new();
    let database = folder.path("exportgate.db");
    fs::write(&database, [0xa5; 8192]).unwrap();
    fs::write(folder.path("exportgate.db-wal"), "what was in the log").unwrap();
    let backup = folder.database("backup", 3);
    let kept = put(&backup, &database).unwrap().unwrap();
    assert_eq!(content(&database), 3);
    assert_eq!(fs::read(&kept).unwrap(), [0xa5; 8192]);
    assert!(!folder.path("exportgate.db-wal").exists());
}

#[test]
fn a_backup_that_cannot_be_copied_leaves_everything_as_it_was() {
    let folder = Folder::new();
    let database = folder.database("exportgate.db", 1);
    put(&folder.path("absent"), &database).unwrap_err();
    assert_eq!(content(&database), 1);
    assert_eq!(folder.names(), ["exportgate.db"]);
}

#[test]
fn a_preparation_that_refuses_leaves_everything_as_it_was() {
    let folder = Folder::new();
    let database = folder.database("exportgate.db", 1);
    let backup = folder.database("backup", 2);
    let refused: io::Result<((), _)> = put_in_place(&backup, &database, |incoming| {
        assert_eq!(content(incoming), 2);
        fs::write(beside(incoming, "-wal"), "half a change")?;
        Err(io::Error::other("no"))
    });
    assert_eq!(refused.unwrap_err().to_string(), "no");
    assert_eq!((content(&database), content(&backup)), (1, 2));
    assert_eq!(folder.names(), ["backup", "exportgate.db"]);
}

#[test]
fn a_prepared_copy_with_a_log_beside_it_is_not_put_in_place() {
    let folder = Folder::new();
    let database = folder.database("exportgate.db", 1);
    let backup = folder.database("backup", 2);
    let refused: io::Result<((), _)> = put_in_place(&backup, &database, |incoming| {
        fs::write(beside(incoming, "-wal"), "a change")
    });
    assert!(refused.unwrap_err().to_string().contains("was left behind"));
    assert_eq!(content(&database), 1);
    assert_eq!(folder.names(), ["backup", "exportgate.db"]);
}
