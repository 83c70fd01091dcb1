//! Rows that do not peel (two keys with the same three slots, say): a handful, solved with the dense slots by
//! elimination over GF(2^128).

use super::Layout;
use crate::blocks::gf128::{invert, multiply};
use crate::error::{KernelError, Result};

/// With more rows than this left the table has failed: a core is a few rows or a large part of all.
const ROWS_MAX: usize = 128;

/// One equation: coefficients of the unknowns, and what they add up to.
struct Equation {
    coefficients: Vec<u128>,
    sum: u128,
}

/// Sets slots that the `unpeeled` rows need. `table` holds random values; unknowns that stay free keep theirs.
pub fn solve(
    unpeeled: &[usize],
    hashes: &[u128],
    rows: &[[u32; 3]],
    values: &[u128],
    layout: &Layout,
    table: &mut [u128],
) -> Result<()> {
    if unpeeled.len() > ROWS_MAX {
        return Err(KernelError::Unsolvable);
    }
    let mut slots: Vec<usize> = unpeeled.iter().flat_map(|&row| rows[row]).map(|slot| slot as usize).collect();
    slots.sort_unstable();
    slots.dedup();
    slots.extend(layout.sparse..layout.cluster_slots());
    let equations = unpeeled.iter().map(|&row| equation(&slots, layout, hashes[row], &rows[row], values[row]));
    for (unknown, equation) in eliminate(equations.collect())? {
        let others = (0..slots.len()).filter(|&at| at != unknown);
        let known = others.fold(0, |sum, at| sum ^ multiply(equation.coefficients[at], table[slots[at]]));
        table[slots[unknown]] = equation.sum ^ known;
    }
    Ok(())
}

fn equation(slots: &[usize], layout: &Layout, hash: u128, row: &[u32; 3], value: u128) -> Equation {
    let mut power = 1;
    let coefficients = slots.iter().map(|&slot| {
        if slot < layout.sparse {
            return u128::from(row.contains(&(slot as u32)));
        }
        power = multiply(power, hash);
        power
    });
    Equation { coefficients: coefficients.collect(), sum: value }
}

/// Reduced echelon form: each equation with the one unknown that no other has.
fn eliminate(mut equations: Vec<Equation>) -> Result<Vec<(usize, Equation)>> {
    let mut solved: Vec<(usize, Equation)> = Vec::new();
    while let Some(mut equation) = equations.pop() {
        for (unknown, pivot) in &solved {
            subtract(&mut equation, pivot, *unknown);
        }
        let Some(unknown) = equation.coefficients.iter().position(|&c| c != 0) else {
            // The same key twice with the same value is consistent.
            if equation.sum == 0 { continue } else { return Err(KernelError::Unsolvable) }
        };
        let inverse = invert(equation.coefficients[unknown]);
        equation.coefficients.iter_mut().for_each(|c| *c = multiply(*c, inverse));
        equation.sum = multiply(equation.sum, inverse);
        for (_, other) in &mut solved {
            subtract(other, &equation, unknown);
        }
        solved.push((unknown, equation));
    }
    Ok(solved)
}

/// Takes `unknown`, whose coefficient in `pivot` is 1, out of `equation`.
fn subtract(equation: &mut Equation, pivot: &Equation, unknown: usize) {
    let factor = equation.coefficients[unknown];
    if factor == 0 {
        return;
    }
    for (c, p) in equation.coefficients.iter_mut().zip(&pivot.coefficients) {
        *c ^= multiply(factor, *p);
    }
    equation.sum ^= multiply(factor, pivot.sum);
}
