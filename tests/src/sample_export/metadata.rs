//! Knows how the feed describes itself: the service document and `$metadata` (OData CSDL 4.0).

use super::entity_set::{ENTITY_SETS, EntitySet};

/// Namespace of the types in `$metadata`.
pub const NAMESPACE: &str = "SampleExport";

/// The service document: which tables there are. `base` is the feed's address with a slash at its
/// end.
pub fn service_document(base: &str) -> String {
    let sets: Vec<_> = ENTITY_SETS
        .iter()
        .map(|set| serde_json::json!({"name": set.name, "kind": "EntitySet", "url": set.name}))
        .collect();
    serde_json::json!({"@odata.context": format!("{base}$metadata"), "value": sets}).to_string()
}

/// The description of both tables in XML.
pub fn metadata() -> String {
    let types: String = ENTITY_SETS.iter().map(|set| entity_type(set)).collect();
    let sets: String = ENTITY_SETS.iter().map(|set| entity_set(set)).collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
  <edmx:DataServices>
    <Schema Namespace="{NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">
{types}      <EntityContainer Name="Container">
{sets}      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"#
    )
}

fn entity_type(set: &EntitySet) -> String {
    let mut xml = format!("      <EntityType Name=\"{}\">\n", set.entity);
    xml.push_str("        <Key>\n          <PropertyRef Name=\"Id\"/>\n        </Key>\n");
    for property in set.properties {
        xml.push_str(&format!(
            "        <Property Name=\"{}\" Type=\"{}\" Nullable=\"{}\" {}/>\n",
            property.name, property.edm, property.nullable, property.facets
        ));
    }
    for way in set.navigations {
        let Some(target) = EntitySet::named(way.target) else { continue };
        let (name, partner) = (way.name, target.navigations.first().map_or("", |back| back.name));
        let entity = format!("{NAMESPACE}.{}", target.entity);
        if way.many {
            xml.push_str(&format!(
                "        <NavigationProperty Name=\"{name}\" Type=\"Collection({entity})\" \
                 Partner=\"{partner}\"/>\n"
            ));
        } else {
            xml.push_str(&format!(
                "        <NavigationProperty Name=\"{name}\" Type=\"{entity}\" Nullable=\"false\" \
                 Partner=\"{partner}\">\n          <ReferentialConstraint Property=\"{}\" \
                 ReferencedProperty=\"{}\"/>\n        </NavigationProperty>\n",
                way.own, way.other
            ));
        }
    }
    xml.push_str("      </EntityType>\n");
    xml
}

fn entity_set(set: &EntitySet) -> String {
    let bindings: String = set
        .navigations
        .iter()
        .map(|way| {
            format!(
                "          <NavigationPropertyBinding Path=\"{}\" Target=\"{}\"/>\n",
                way.name, way.target
            )
        })
        .collect();
    format!(
        "        <EntitySet Name=\"{}\" EntityType=\"{NAMESPACE}.{}\">\n{bindings}        \
         </EntitySet>\n",
        set.name, set.entity
    )
}
