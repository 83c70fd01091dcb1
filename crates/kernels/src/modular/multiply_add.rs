//! Multi-limb products: the inner loop of everything here. `t += a * y` over whole rows, with MULX and the two carry
//! chains of ADCX/ADOX where the CPU has them (compilers do not emit two chains), else in portable u128 arithmetic.

/// Limb counts are multiples of this.
pub const BLOCK: usize = 4;

/// Whether the CPU has BMI2 and ADX.
pub fn has_adx() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("bmi2") && std::arch::is_x86_feature_detected!("adx")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// One way to compute t += a * y; gives the carry out.
pub trait MultiplyAdd {
    /// `t` and `a` have equal lengths.
    fn run(t: &mut [u64], a: &[u64], y: u64) -> u64;
}

pub struct Portable;

impl MultiplyAdd for Portable {
    #[inline(always)]
    fn run(t: &mut [u64], a: &[u64], y: u64) -> u64 {
        let mut carry = 0u64;
        for (t, &a) in t.iter_mut().zip(a) {
            let sum = u128::from(a) * u128::from(y) + u128::from(*t) + u128::from(carry);
            *t = sum as u64;
            carry = (sum >> 64) as u64;
        }
        carry
    }
}

/// Only for use where `has_adx()`.
#[cfg(target_arch = "x86_64")]
pub struct Adx;

#[cfg(target_arch = "x86_64")]
impl MultiplyAdd for Adx {
    #[inline(always)]
    fn run(t: &mut [u64], a: &[u64], y: u64) -> u64 {
        debug_assert_eq!(t.len(), a.len());
        let odd = t.len() % BLOCK;
        let (t_odd, t) = t.split_at_mut(odd);
        let (a_odd, a) = a.split_at(odd);
        let carry = Portable::run(t_odd, a_odd, y);
        if t.is_empty() {
            return carry;
        }
        // SAFETY: both slices have t.len() > 0 limbs, a multiple of BLOCK, and `Modulus` picks this type only after
        // `has_adx()`. The code reads and writes exactly those limbs and no stack.
        unsafe { blocks(t.as_mut_ptr(), a.as_ptr(), t.len() / BLOCK, y, carry) }
    }
}

/// t[..4·count] += a[..4·count] * y + carry; gives the carry out. The carry flag chains the halves of the products, the
/// overflow flag the additions to t.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn blocks(t: *mut u64, a: *const u64, count: usize, y: u64, carry: u64) -> u64 {
    let mut carry = carry;
    // SAFETY: see the caller.
    unsafe {
        std::arch::asm!(
            "xor {lo:e}, {lo:e}", // clears both flags
            "2:",
            "mulx {hi}, {lo}, qword ptr [{a}]",
            "adcx {lo}, {carry}",
            "adox {lo}, qword ptr [{t}]",
            "mov qword ptr [{t}], {lo}",
            "mulx {carry}, {lo}, qword ptr [{a} + 8]",
            "adcx {lo}, {hi}",
            "adox {lo}, qword ptr [{t} + 8]",
            "mov qword ptr [{t} + 8], {lo}",
            "mulx {hi}, {lo}, qword ptr [{a} + 16]",
            "adcx {lo}, {carry}",
            "adox {lo}, qword ptr [{t} + 16]",
            "mov qword ptr [{t} + 16], {lo}",
            "mulx {carry}, {lo}, qword ptr [{a} + 24]",
            "adcx {lo}, {hi}",
            "adox {lo}, qword ptr [{t} + 24]",
            "mov qword ptr [{t} + 24], {lo}",
            // LEA and JRCXZ leave the flags alone.
            "lea {a}, [{a} + 32]",
            "lea {t}, [{t} + 32]",
            "lea rcx, [rcx - 1]",
            "jrcxz 3f",
            "jmp 2b",
            "3:",
            "mov {lo:e}, 0",
            "adcx {carry}, {lo}",
            "adox {carry}, {lo}",
            a = inout(reg) a => _,
            t = inout(reg) t => _,
            carry = inout(reg) carry,
            lo = out(reg) _,
            hi = out(reg) _,
            in("rdx") y,
            inout("rcx") count => _,
            options(nostack)
        );
    }
    carry
}
