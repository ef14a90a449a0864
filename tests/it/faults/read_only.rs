//! A data folder into which the host cannot write.

use exportgate_tests::host_process::HostProcess;

use super::check_refused;
use super::disk::{Disk, where_disks_can_be_mounted};

#[test]
fn a_read_only_folder_is_told_at_start_and_is_left_as_it_is() {
    where_disks_can_be_mounted(|| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let disk = Disk::mount(&data, 4 * 1024);
        disk.make_read_only();
        check_refused(folder.path(), &["data folder", "read-only"]);
        disk.make_writable();
        let mut host = HostProcess::start(folder.path());
        host.told(&["user", "add", "anna"]);
        host.stop();
        let database = std::fs::read(data.join("exportgate.db")).unwrap();
        disk.make_read_only();
        check_refused(folder.path(), &["data folder", "read-only"]);
        assert!(std::fs::read(data.join("exportgate.db")).unwrap() == database);
        let checked = host.cli(&["check"]);
        let said = String::from_utf8_lossy(&checked.stderr);
        assert_eq!(checked.status.code(), Some(1), "{said}");
        assert!(said.contains("read-only"), "{said}");
        disk.make_writable();
        host.restart();
        host.sign_in("anna");
        host.stop();
        drop(disk);
    });
}
