//! Owns what `wit-bindgen` generates from the contract: its types, and the glue that exports a component.
//! Must not hold a line of its own: the contract says everything there is to say here.
//!
//! The types are plain Rust and compile for every target; only the export glue needs wasm.

wit_bindgen::generate!({
    path: "../../wit/v0.1",
    world: "adapter",
    additional_derives: [PartialEq, serde::Serialize],
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "aid_adapter_kit::bindings",
});
