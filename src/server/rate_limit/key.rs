//! Whom a limit counts together.

use std::net::{IpAddr, Ipv6Addr};

use sha2::{Digest, Sha256};

/// The part of an IPv6 address that names a network; a host is free to change the rest as it likes.
const IPV6_NETWORK: u128 = !(u64::MAX as u128);

/// Whose requests are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateKey {
    /// Those of the subject of a token.
    Subject(String),
    /// Those from an address: all those of an IPv6 network (/64) together.
    Address(IpAddr),
}

/// A key as it is remembered: of one size, however long the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum CompactKey {
    Subject([u8; 32]),
    Address(IpAddr),
}

impl From<&RateKey> for CompactKey {
    fn from(key: &RateKey) -> Self {
        match key {
            RateKey::Subject(subject) => Self::Subject(Sha256::digest(subject.as_bytes()).into()),
            RateKey::Address(address) => Self::Address(network(*address)),
        }
    }
}

impl CompactKey {
    /// A name of few and harmless characters: letters, digits, dots and colons.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Subject(hash) => {
                hash.iter().fold("s".to_owned(), |name, byte| name + &format!("{byte:02x}"))
            }
            Self::Address(address) => format!("a{address}"),
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & IPV6_NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn are_one_key(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|key| match key.parse() {
            Ok(address) => CompactKey::from(&RateKey::Address(address)),
            Err(_) => CompactKey::from(&RateKey::Subject(key.to_owned())),
        });
        one == other
    }

    #[test]
    fn addresses_of_an_ipv6_network_are_one_key() {
        assert!(are_one_key("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert!(!are_one_key("2001:db8:0:1::1", "2001:db8:0:2::1"));
    }

    #[test]
    fn ipv4_addresses_are_keys_each_also_in_ipv6() {
        assert!(are_one_key("::ffff:203.0.113.9", "203.0.113.9"));
        assert!(!are_one_key("::ffff:203.0.113.9", "::ffff:203.0.113.10"));
        assert!(!are_one_key("203.0.113.9", "203.0.113.10"));
    }

    #[test]
    fn subjects_are_told_apart_to_their_end() {
        let long = "s".repeat(10_000);
        assert!(are_one_key("alice", "alice"));
        assert!(are_one_key(&long, &long));
        for other in ["Alice", "alice ", "bob", &format!("{long}a")] {
            assert!(!are_one_key("alice", other) && !are_one_key(&long, other));
        }
    }

    #[test]
    fn a_subject_that_looks_like_an_address_is_a_subject() {
        let subject = CompactKey::from(&RateKey::Subject("203.0.113.9".to_owned()));
        let address = CompactKey::from(&RateKey::Address([203, 0, 113, 9].into()));
        assert_ne!(subject, address);
    }
}
