//! Owns the bytes of the adapters that ship inside aid. Must not load them: they go through the same door as any other.

/// An adapter that ships inside aid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// The agent's short name, the same as in the component's manifest.
    pub id: &'static str,
    /// A WebAssembly component of the world `aid:adapter/adapter`.
    pub component: &'static [u8],
}

/// All of them, by id.
pub static BUILTIN: &[Builtin] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

#[cfg(test)]
mod tests {
    use super::BUILTIN;

    /// Larger ones take longer to compile at first use than the 200 ms that are allowed for it.
    const MAX_COMPONENT_BYTES: usize = 256 << 10;

    #[test]
    fn every_builtin_is_a_component_of_modest_size() {
        assert!(!BUILTIN.is_empty());
        for builtin in BUILTIN {
            // Magic, then version 13 of layer 1: a component, not a core module.
            assert_eq!(&builtin.component[..8], b"\0asm\x0d\0\x01\0", "{}", builtin.id);
            assert!(builtin.component.len() <= MAX_COMPONENT_BYTES, "{}: {}", builtin.id, builtin.component.len());
        }
    }

    #[test]
    fn ids_are_in_order_and_not_repeated() {
        assert!(BUILTIN.is_sorted_by(|one, next| one.id < next.id));
    }
}
