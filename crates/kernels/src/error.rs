//! What can be wrong with an input.

use std::fmt;

pub type Result<T> = std::result::Result<T, KernelError>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KernelError {
    /// The element at this index is not a canonical point, or is the identity.
    Point(usize),
    /// The ciphertext at this index is out of range, not invertible or has no logarithm.
    Residue(usize),
    /// The element at this index repeats an earlier one.
    Duplicate(usize),
    /// The element at this index is not above the one before.
    Order(usize),
    /// A key-value store that could not be filled; happens with negligible probability.
    Unsolvable,
    /// A wrong length, width or parameter: a bug of the caller.
    Range(&'static str),
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(index) => write!(f, "point:{index}"),
            Self::Residue(index) => write!(f, "residue:{index}"),
            Self::Duplicate(index) => write!(f, "duplicate:{index}"),
            Self::Order(index) => write!(f, "order:{index}"),
            Self::Unsolvable => f.write_str("unsolvable"),
            Self::Range(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for KernelError {}

pub fn require(condition: bool, what: &'static str) -> Result<()> {
    if condition { Ok(()) } else { Err(KernelError::Range(what)) }
}

/// How many elements of `width` bytes; they must fill the slice.
pub fn element_count(bytes: &[u8], width: usize) -> Result<usize> {
    require(width > 0 && bytes.len().is_multiple_of(width), "not a whole number of elements")?;
    Ok(bytes.len() / width)
}

/// The first error by position: parallel work ends in any order.
pub fn first_error(results: Vec<Result<()>>) -> Result<()> {
    results.into_iter().collect()
}
