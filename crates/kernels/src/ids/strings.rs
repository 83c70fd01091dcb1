//! Strings as the database engine's vectors hold them (`duckdb_string_t` of its C interface): a length of four bytes,
//! then up to twelve bytes of text, or four bytes of prefix and a pointer to the text.

pub const STRING_BYTES: usize = 16;
const INLINE_MAX: usize = 12;

/// The text of one string.
///
/// # Safety
/// A string longer than twelve bytes points at its text, which must stay as it is while the result is used.
pub unsafe fn text_of(string: &[u8]) -> &[u8] {
    let length = u32::from_ne_bytes(string[..4].try_into().expect("four bytes")) as usize;
    if length <= INLINE_MAX {
        return &string[4..4 + length];
    }
    let address = usize::from_ne_bytes(string[8..16].try_into().expect("eight bytes"));
    // SAFETY: the caller vouches for the pointer.
    unsafe { std::slice::from_raw_parts(address as *const u8, length) }
}
