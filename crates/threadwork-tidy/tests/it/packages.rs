//! What each package that is published has, so that it stands alone.

use std::path::Path;

use crate::{
    crates::{check_none, crates, is_published, manifests},
    source::{read, workspace},
};

/// A package that is published.
struct Package {
    folder: String,
    manifest: String,
}

impl Package {
    /// Returns the published packages.
    fn all(root: &Path) -> Vec<Package> {
        let published = crates(root).into_iter().filter(|it| is_published(root, it));
        let package = |it: String| {
            let manifest = read(root, &format!("{it}/Cargo.toml"));
            Package { folder: it, manifest }
        };
        let packages: Vec<_> = published.map(package).collect();
        assert!(packages.len() >= 5, "not all packages are found");
        packages
    }

    fn name(&self) -> &str {
        self.folder.strip_prefix("crates/").unwrap_or(&self.folder)
    }

    fn has_line(&self, line: &str) -> bool {
        self.manifest.lines().any(|it| it == line)
    }

    /// Returns the crates of this workspace that it depends on, for tests too.
    fn needs(&self) -> impl Iterator<Item = &str> {
        let lines = self.manifest.lines().filter(|it| it.starts_with("threadwork"));
        let names = lines.filter_map(|it| it.split(['.', ' ', '=']).next());
        // The features of that name are no dependencies.
        names.filter(|it| it.contains('-') || *it == "threadwork")
    }
}

#[test]
fn every_package_has_the_license() {
    let root = workspace();
    let license = read(&root, "LICENSE");
    for it in Package::all(&root) {
        assert_eq!(read(&root, &format!("{}/LICENSE", it.folder)), license, "in {}", it.folder);
    }
}

#[test]
fn every_package_has_a_page_of_its_own() {
    let root = workspace();
    for it in Package::all(&root) {
        let page = read(&root, &format!("{}/README.md", it.folder));
        assert!(page.starts_with(&format!("# {}\n", it.name())), "the page of {}", it.folder);
        let outward = page.contains("](../") || page.contains("](/");
        assert!(!outward, "the page of {} has links to files that its package lacks", it.folder);
    }
}

#[test]
fn every_package_says_where_its_documentation_is_and_how_it_is_made() {
    let root = workspace();
    for it in Package::all(&root) {
        let name = it.name();
        for line in [
            &format!("documentation = \"https://docs.rs/{name}\""),
            "[package.metadata.docs.rs]",
            "all-features = true",
            "rustdoc-args = [\"--cfg\", \"docsrs\"]",
        ] {
            assert!(it.has_line(line), "the manifest of {name} lacks `{line}`");
        }
        let page = read(&root, &format!("{}/src/lib.rs", it.folder));
        let badges = "#![cfg_attr(docsrs, feature(doc_cfg))]";
        assert!(page.contains(badges), "the front page of {name} lacks `{badges}`");
    }
}

#[test]
fn a_package_depends_on_published_crates_alone() {
    let root = workspace();
    let packages = Package::all(&root);
    let is_published = |name: &str| packages.iter().any(|it| it.name() == name);
    let needs: Vec<_> =
        packages.iter().flat_map(|it| it.needs().map(|need| (it.name(), need))).collect();
    assert!(needs.len() > 8, "not all dependencies are found: {needs:?}");
    check_none(
        "a crate that is not published cannot be depended on, not even by tests",
        needs
            .iter()
            .filter(|(_, need)| !is_published(need))
            .map(|(name, need)| format!("{name} depends on {need}")),
    );
}

#[test]
fn the_crates_of_the_workspace_are_required_in_the_version_that_they_have() {
    let root = workspace();
    let version = version(&root);
    let own = manifests(&root).into_iter().map(|(_, text)| text);
    let texts: Vec<_> = own.chain([read(&root, "Cargo.toml")]).collect();
    let lines = texts.iter().flat_map(|it| it.lines());
    let required: Vec<_> =
        lines.filter(|it| it.starts_with("threadwork") && it.contains("path = ")).collect();
    assert!(required.len() >= 6, "not all crates are found");
    let as_it_is = format!("version = \"{version}\"");
    check_none(
        &format!("this crate of the workspace is not required as `{as_it_is}`"),
        required.into_iter().filter(|it| !it.contains(&as_it_is)).map(str::to_owned),
    );
}

#[test]
fn the_pages_of_the_packages_name_the_version_that_they_have() {
    let root = workspace();
    let version = version(&root);
    let mut count = 0;
    for it in Package::all(&root) {
        let page = read(&root, &format!("{}/README.md", it.folder));
        for named in page.split("version = \"").skip(1) {
            let named = named.split('"').next().unwrap_or_default();
            assert!(version.starts_with(named), "{} is at {version}, not {named}", it.name());
            count += 1;
        }
    }
    assert!(count > 0, "no page names a version");
}

/// Returns the version of all crates.
fn version(root: &Path) -> String {
    let manifest = read(root, "Cargo.toml");
    let version = manifest.lines().find_map(|it| it.strip_prefix("version = "));
    version.expect("the workspace has a version").trim_matches('"').to_owned()
}
