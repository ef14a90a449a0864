//! Makes both forms of the text catalogues: JSON for the page, and custom labels, their translations
//! and a module that knows them for the Lightning component.
//!
//! A catalogue is `wasm/shared/text/LANGUAGE.json`, names and texts. Names under `page.` are for the
//! page alone. A name under `lightning.` stands in the Lightning form in the place of the same name
//! without it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use crate::engine::write_if_changed;
use crate::paths::Paths;

/// The language of the labels themselves; an organization that speaks none of ours sees it.
const MASTER: &str = "en";
const LANGUAGES: [&str; 2] = [MASTER, "de"];

/// Salesforce's limits for custom labels.
const MAXIMUM_NAME: usize = 80;
const MAXIMUM_TEXT: usize = 1000;

/// Name and text.
type Catalogue = BTreeMap<String, String>;

fn read(paths: &Paths, language: &str) -> anyhow::Result<Catalogue> {
    let file = paths.shared.join("text").join(format!("{language}.json"));
    let problem = || format!("cannot read `{}`", file.display());
    serde_json::from_str(&fs::read_to_string(&file).with_context(problem)?).with_context(problem)
}

/// Writes the page's catalogues to `target/text`.
///
/// # Errors
///
/// When a catalogue cannot be read.
pub fn for_page(paths: &Paths) -> anyhow::Result<()> {
    for language in LANGUAGES {
        let mut catalogue = read(paths, language)?;
        catalogue.retain(|name, _| !name.starts_with("lightning."));
        let mut text = serde_json::to_string_pretty(&catalogue)?;
        text.push('\n');
        write_if_changed(&paths.text.join(format!("{language}.json")), text.as_bytes())?;
    }
    Ok(())
}

/// Writes labels, translations and the module `c/tokenText` into the SFDX project.
///
/// # Errors
///
/// When a catalogue cannot be read or does not fit into custom labels.
pub fn for_lightning(paths: &Paths) -> anyhow::Result<()> {
    let main = paths.lightning();
    for language in LANGUAGES {
        let catalogue = lightning_form(&read(paths, language)?)?;
        if language == MASTER {
            write(&main.join("labels/CustomLabels.labels-meta.xml"), &labels(&catalogue))?;
            let module = main.join("lwc/tokenText");
            write(&module.join("tokenText.js"), &module_of(&catalogue))?;
            write(&module.join("tokenText.js-meta.xml"), MODULE_META)?;
        } else {
            let file = format!("translations/{language}.translation-meta.xml");
            write(&main.join(file), &translations(&catalogue))?;
        }
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    write_if_changed(file, text.as_bytes()).map(drop)
}

/// What Lightning shows, by the names that its code uses.
fn lightning_form(catalogue: &Catalogue) -> anyhow::Result<Catalogue> {
    let mut form = Catalogue::new();
    let mut labels = BTreeMap::new();
    for (name, text) in catalogue {
        if name.starts_with("page.") || name.starts_with("lightning.") {
            continue;
        }
        form.insert(name.clone(), text.clone());
    }
    for (name, text) in catalogue {
        if let Some(name) = name.strip_prefix("lightning.") {
            form.insert(name.to_owned(), text.clone());
        }
    }
    for (name, text) in &form {
        let label = label_name(name);
        ensure!(label.len() <= MAXIMUM_NAME, "the label `{label}` has a name that is too long");
        ensure!(text.chars().count() <= MAXIMUM_TEXT, "the text `{name}` is too long for a label");
        if let Some(other) = labels.insert(label.clone(), name) {
            bail!("`{other}` and `{name}` would both be the label `{label}`");
        }
    }
    Ok(form)
}

/// The custom label of a text: letters, digits and single underscores.
fn label_name(name: &str) -> String {
    format!("Exportgate_{}", name.replace('.', "_"))
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

const MODULE_META: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<LightningComponentBundle xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <apiVersion>65.0</apiVersion>
    <isExposed>false</isExposed>
    <masterLabel>Exportgate texts</masterLabel>
</LightningComponentBundle>
";

fn labels(catalogue: &Catalogue) -> String {
    let labels = catalogue.iter().map(|(name, text)| {
        let label = label_name(name);
        format!(
            "    <labels>
        <fullName>{label}</fullName>
        <categories>Exportgate</categories>
        <language>en_US</language>
        <protected>true</protected>
        <shortDescription>{name}</shortDescription>
        <value>{}</value>
    </labels>\n",
            escaped(text)
        )
    });
    let labels: String = labels.collect();
    format!("{HEAD}<CustomLabels {NAMESPACE}>\n{labels}</CustomLabels>\n")
}

fn translations(catalogue: &Catalogue) -> String {
    let labels = catalogue.iter().map(|(name, text)| {
        format!(
            "    <customLabels>
        <label>{}</label>
        <name>{}</name>
    </customLabels>\n",
            escaped(text),
            label_name(name)
        )
    });
    let labels: String = labels.collect();
    format!("{HEAD}<Translations {NAMESPACE}>\n{labels}</Translations>\n")
}

fn module_of(catalogue: &Catalogue) -> String {
    let mut imports = String::new();
    let mut entries = String::new();
    for name in catalogue.keys() {
        let label = label_name(name);
        imports += &format!("import {label} from '@salesforce/label/c.{label}';\n");
        entries += &format!("    '{name}': {label},\n");
    }
    format!(
        "// Every text by its name. Written by `cargo xtask salesforce` from wasm/shared/text.\n\
         {imports}\nexport const words = {{\n{entries}}};\n\n\
         /** The same by names that templates can say: `text.tokens_find`. */\n\
         export const text = Object.fromEntries(\n    \
         Object.entries(words).map(([name, words]) => [name.replaceAll('.', '_'), words])\n);\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, labels, lightning_form};

    fn catalogue(entries: &[(&str, &str)]) -> Catalogue {
        entries.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn lightning_has_its_own_words_where_they_differ() {
        let all = [("a", "both"), ("b", "page's"), ("lightning.b", "its"), ("page.c", "never")];
        let form = lightning_form(&catalogue(&all)).unwrap();
        assert_eq!(form, catalogue(&[("a", "both"), ("b", "its")]));
    }

    #[test]
    fn two_texts_never_become_one_label() {
        assert!(lightning_form(&catalogue(&[("a.b", "1"), ("a_b", "2")])).is_err());
    }

    #[test]
    fn markup_stays_text() {
        let labels = labels(&catalogue(&[("a", "Home > <b> & more")]));
        assert!(labels.contains("<value>Home &gt; &lt;b&gt; &amp; more</value>"), "{labels}");
    }
}
