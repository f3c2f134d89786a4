//! `match`.
//!
//! Subpatterns work on registers that stay as they are; what a pattern leaves in temporaries is cleared when it failed
//! and when it matched. Names are bound only when the whole pattern has matched.

use super::unit::Reg;
use super::{Emitter, Result};
use crate::assembler::Label;
use crate::fold;
use hashbrown::HashSet;
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::Op;
use serpens_bytecode::constant::{Bits, Const};

/// Names to be bound when the pattern has matched, with the registers of their values.
type Captures<'a> = Vec<(&'a Identifier, Reg)>;

fn is_wildcard(p: &Pattern) -> bool {
    matches!(p, Pattern::MatchAs(PatternMatchAs { pattern: None, name: None, .. }))
        || matches!(p, Pattern::MatchStar(PatternMatchStar { name: None, .. }))
}

/// The part of a pattern because of which it matches everything.
fn irrefutable(p: &Pattern) -> Option<&PatternMatchAs> {
    match p {
        Pattern::MatchAs(PatternMatchAs { pattern: Some(inner), .. }) => irrefutable(inner),
        Pattern::MatchAs(x) => Some(x),
        Pattern::MatchOr(x) => irrefutable(x.patterns.last()?),
        _ => None,
    }
}

/// A key of a mapping pattern as Python shows it, and a key of its own that is equal when the values are.
fn shown_key(value: &Const) -> (String, Const) {
    let number =
        |x: f64| if x == x.trunc() && x.abs() < 9e15 { Const::Int(x as i64) } else { Const::Float(Bits::new(x)) };
    match value {
        Const::None => ("None".to_string(), value.clone()),
        Const::Bool(b) => (if *b { "True" } else { "False" }.to_string(), Const::Int(i64::from(*b))),
        Const::Int(i) => (i.to_string(), value.clone()),
        Const::Float(x) => {
            let x = x.get();
            (if x == x.trunc() && x.abs() < 1e16 { format!("{x:.1}") } else { format!("{x}") }, number(x))
        }
        Const::Complex(re, im) => {
            let (re, im) = (re.get(), im.get());
            let key = if im == 0.0 { number(re) } else { value.clone() };
            (if re == 0.0 { format!("{im}j") } else { format!("({re}{im:+}j)") }, key)
        }
        Const::Str(s) => (quoted(&String::from_utf8_lossy(s)), value.clone()),
        Const::Bytes(b) => (format!("b{}", quoted(&b.escape_ascii().to_string().replace("\\'", "'"))), value.clone()),
        _ => ("...".to_string(), value.clone()),
    }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    format!("{quote}{text}{quote}")
}

impl<'a> Emitter<'a> {
    pub(super) fn match_stmt(&mut self, x: &'a StmtMatch) -> Result {
        let mark = self.mark();
        let subject = self.expr_temp(&x.subject)?;
        let end = self.u.asm.label();
        let last = x.cases.len().saturating_sub(1);
        for (i, case) in x.cases.iter().enumerate() {
            let next = self.u.asm.label();
            self.at(&case.pattern);
            self.check_irrefutable(case, i == last)?;
            self.case_pattern(&case.pattern, subject, next)?;
            if let Some(guard) = &case.guard {
                self.jump_if(guard, false, next)?;
            }
            self.op(Op::Clear, 0, subject, 0, 0);
            self.conditional_body(&case.body)?;
            if self.u.asm.reachable() {
                self.u.asm.jump(end);
            }
            self.u.asm.bind(next);
        }
        self.op(Op::Clear, 0, subject, 0, 0);
        self.u.asm.bind(end);
        self.release(mark);
        Ok(())
    }

    fn check_irrefutable(&self, case: &MatchCase, last: bool) -> Result {
        if last || case.guard.is_some() {
            return Ok(());
        }
        self.refuse_irrefutable(&case.pattern)
    }

    fn refuse_irrefutable(&self, p: &Pattern) -> Result {
        match irrefutable(p) {
            None => Ok(()),
            Some(PatternMatchAs { name: None, range, .. }) => {
                self.error(*range, "wildcard makes remaining patterns unreachable")
            }
            Some(PatternMatchAs { name: Some(name), range, .. }) => {
                self.error(*range, format!("name capture '{name}' makes remaining patterns unreachable"))
            }
        }
    }

    /// The pattern of a case: falls through with its names bound, or jumps to `next`.
    fn case_pattern(&mut self, p: &'a Pattern, subject: Reg, next: Label) -> Result {
        let fail = self.u.asm.label();
        let base = self.mark();
        let highest = std::mem::replace(&mut self.u.max_temp, base);
        let mut captures = Captures::new();
        self.pattern(p, subject, fail, &mut captures)?;
        let used = self.u.max_temp - base;
        for (name, reg) in &captures {
            let copy = self.temp();
            self.op(Op::Copy, 0, copy, *reg, 0);
            self.at(*name);
            self.store_name(name, copy, name.range)?;
            self.u.next_temp -= 1;
        }
        self.u.max_temp = self.u.max_temp.max(highest);
        let clear = |e: &mut Self| {
            if used > 0 {
                e.op(Op::ClearRange, 0, base as Reg, used as u16, 0);
            }
        };
        clear(self);
        self.release(base);
        if used > 0 {
            let matched = self.u.asm.label();
            if self.u.asm.reachable() {
                self.u.asm.jump(matched);
            }
            self.u.asm.bind(fail);
            clear(self);
            if self.u.asm.reachable() {
                self.u.asm.jump(next);
            }
            self.u.asm.bind(matched);
        } else {
            let matched = self.u.asm.label();
            if self.u.asm.reachable() {
                self.u.asm.jump(matched);
            }
            self.u.asm.bind(fail);
            if self.u.asm.reachable() {
                self.u.asm.jump(next);
            }
            self.u.asm.bind(matched);
        }
        Ok(())
    }

    fn capture(&mut self, name: &'a Identifier, reg: Reg, range: TextRange, captures: &mut Captures<'a>) -> Result {
        self.check_forbidden(name, name.range, true)?;
        if captures.iter().any(|(n, _)| n.as_str() == name.as_str()) {
            return self.error(range, format!("multiple assignments to name '{name}' in pattern"));
        }
        captures.push((name, reg));
        Ok(())
    }

    fn copy_of(&mut self, reg: Reg) -> Reg {
        let copy = self.temp();
        self.op(Op::Copy, 0, copy, reg, 0);
        copy
    }

    fn pattern(&mut self, p: &'a Pattern, subject: Reg, fail: Label, captures: &mut Captures<'a>) -> Result {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.pattern_inner(p, subject, fail, captures))
    }

    fn pattern_inner(&mut self, p: &'a Pattern, subject: Reg, fail: Label, captures: &mut Captures<'a>) -> Result {
        self.at(p);
        match p {
            Pattern::MatchValue(x) => {
                if matches!(&*x.value, Expr::FString(_) | Expr::TString(_)) {
                    return self.error(p, "patterns may only match literals and attribute lookups");
                }
                let value = self.copy_of(subject);
                if let Some(imm) = fold::immediate(&x.value) {
                    self.u.asm.branch(Op::JumpEqI, 0, value, imm as u16, fail);
                    return Ok(());
                }
                let expected = self.expr(&x.value, None)?;
                self.at(p);
                self.u.asm.branch(Op::JumpEq, 0, value, expected, fail);
                Ok(())
            }
            Pattern::MatchSingleton(x) => {
                let value = self.copy_of(subject);
                let constant = match x.value {
                    Singleton::None => {
                        self.u.asm.branch(Op::JumpIfNone, 0, value, 0, fail);
                        return Ok(());
                    }
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                let expected = self.load_const(constant, None);
                self.u.asm.branch(Op::JumpIs, 0, value, expected, fail);
                Ok(())
            }
            Pattern::MatchSequence(x) => self.sequence_pattern(x, subject, fail, captures),
            Pattern::MatchMapping(x) => self.mapping_pattern(x, subject, fail, captures),
            Pattern::MatchClass(x) => self.class_pattern(x, subject, fail, captures),
            Pattern::MatchStar(x) => match &x.name {
                Some(name) => self.capture(name, subject, x.range, captures),
                None => Ok(()),
            },
            Pattern::MatchAs(x) => {
                if let Some(inner) = &x.pattern {
                    self.pattern(inner, subject, fail, captures)?;
                }
                match &x.name {
                    Some(name) => self.capture(name, subject, x.range, captures),
                    None => Ok(()),
                }
            }
            Pattern::MatchOr(x) => self.or_pattern(x, subject, fail, captures),
        }
    }

    fn or_pattern(&mut self, x: &'a PatternMatchOr, subject: Reg, fail: Label, captures: &mut Captures<'a>) -> Result {
        let matched = self.u.asm.label();
        let last = x.patterns.len() - 1;
        let mut names: Vec<(&'a Identifier, Reg)> = Vec::new();
        for (i, p) in x.patterns.iter().enumerate() {
            if i != last {
                self.refuse_irrefutable(p)?;
            }
            if i == 0 {
                // Every alternative leaves its values in the registers that the first one's names get here.
                let mut bound = Vec::new();
                names_of(p, &mut bound);
                names = bound.into_iter().map(|n| (n, self.u.temp())).collect();
            }
            let next = if i == last { fail } else { self.u.asm.label() };
            let mut own = Captures::new();
            self.pattern(p, subject, next, &mut own)?;
            let mine: HashSet<&str> = own.iter().map(|(n, _)| n.as_str()).collect();
            if mine.len() != names.len() || !names.iter().all(|(n, _)| mine.contains(n.as_str())) {
                return self.error(x, "alternative patterns bind different names");
            }
            for (name, target) in &names {
                if let Some((_, reg)) = own.iter().find(|(n, _)| n.as_str() == name.as_str()) {
                    self.op(Op::Copy, 0, *target, *reg, 0);
                }
            }
            if i != last {
                if self.u.asm.reachable() {
                    self.u.asm.jump(matched);
                }
                self.u.asm.bind(next);
            }
        }
        self.u.asm.bind(matched);
        for (name, reg) in names {
            self.capture(name, reg, x.range, captures)?;
        }
        Ok(())
    }

    fn sequence_pattern(
        &mut self,
        x: &'a PatternMatchSequence,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        let n = x.patterns.len();
        let stars = x.patterns.iter().filter(|p| p.is_match_star()).count();
        if stars > 1 {
            return self.error(x, "multiple starred names in sequence pattern");
        }
        let star = x.patterns.iter().position(Pattern::is_match_star);
        let test = self.temp();
        self.op(Op::MatchSequence, 0, test, subject, 0);
        self.u.asm.branch(Op::JumpIf, 0, test, 0, fail);
        match star {
            None => {
                self.op(Op::GetLen, 0, test, subject, 0);
                self.length_test(Op::JumpEqI, Op::JumpEq, test, n, fail);
            }
            Some(_) if n > 1 => {
                self.op(Op::GetLen, 0, test, subject, 0);
                self.length_test(Op::JumpGeI, Op::JumpGe, test, n - 1, fail);
            }
            Some(_) => {}
        }
        if x.patterns.iter().all(is_wildcard) {
            return Ok(());
        }
        if let Some(star) = star.filter(|at| is_wildcard(&x.patterns[*at])) {
            return self.items_pattern(x, star, subject, fail, captures);
        }
        let value = self.copy_of(subject);
        let window = self.u.temps(n);
        match star {
            None => self.op(Op::UnpackSeq, 0, window, value, n as u16),
            Some(before) => {
                let after = n - before - 1;
                if before > 255 || after > 255 {
                    return self.error(x, "too many expressions in star-unpacking sequence pattern");
                }
                self.op(Op::UnpackEx, 0, window, value, (before | after << 8) as u16);
            }
        }
        for (i, p) in x.patterns.iter().enumerate() {
            self.pattern(p, window + i as Reg, fail, captures)?;
        }
        Ok(())
    }

    /// A sequence pattern with `*_`: looks at the items that matter only, from either end.
    fn items_pattern(
        &mut self,
        x: &'a PatternMatchSequence,
        star: usize,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        for (i, p) in x.patterns.iter().enumerate().filter(|(_, p)| !is_wildcard(p)) {
            let from_end = x.patterns.len() - i;
            if i.max(from_end) > i16::MAX as usize {
                return self.error(x, "too many expressions in star-unpacking sequence pattern");
            }
            let item = self.temp();
            let value = self.copy_of(subject);
            if i < star {
                self.op(Op::GetItemI, 0, item, value, i as u16);
            } else {
                let at = self.temp();
                self.op(Op::GetLen, 0, at, subject, 0);
                self.op(Op::SubI, 0, at, at, from_end as u16);
                self.op(Op::GetItem, 0, item, value, at);
            }
            self.pattern(p, item, fail, captures)?;
        }
        Ok(())
    }

    fn length_test(&mut self, immediate: Op, register: Op, length: Reg, n: usize, fail: Label) {
        match i16::try_from(n) {
            Ok(imm) => self.u.asm.branch(immediate, 0, length, imm as u16, fail),
            Err(_) => {
                let n = self.load_const(Const::Int(n as i64), None);
                self.u.asm.branch(register, 0, length, n, fail);
            }
        }
    }

    fn mapping_pattern(
        &mut self,
        x: &'a PatternMatchMapping,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        let n = x.keys.len();
        let test = self.temp();
        self.op(Op::MatchMapping, 0, test, subject, 0);
        self.u.asm.branch(Op::JumpIf, 0, test, 0, fail);
        if n > 0 {
            self.op(Op::GetLen, 0, test, subject, 0);
            self.length_test(Op::JumpGeI, Op::JumpGe, test, n, fail);
        }
        let mut seen: Vec<Const> = Vec::new();
        for key in &x.keys {
            if let Some(value) = fold::fold(key, self.source) {
                let (text, value) = shown_key(&value);
                if seen.contains(&value) {
                    return self.error(x, format!("mapping pattern checks duplicate key ({text})"));
                }
                seen.push(value);
            }
        }
        let keys = self.temp();
        let window = self.mark() as Reg;
        for key in &x.keys {
            self.expr_temp(key)?;
        }
        self.at(x.range);
        if n > 0 || x.rest.is_some() {
            self.op(Op::BuildTuple, 0, keys, window, n as u16);
        }
        if n > 0 {
            let values = self.temp();
            self.op(Op::MatchKeys, 0, values, subject, keys);
            let copy = self.copy_of(values);
            self.u.asm.branch(Op::JumpIfNone, 1, copy, 0, fail);
            let window = self.u.temps(n);
            self.op(Op::UnpackSeq, 0, window, values, n as u16);
            for (i, p) in x.patterns.iter().enumerate() {
                self.pattern(p, window + i as Reg, fail, captures)?;
            }
        }
        if let Some(rest) = &x.rest {
            self.at(x.range);
            let dict = self.temp();
            self.op(Op::BuildMap, 0, dict, dict, 0);
            let copy = self.copy_of(subject);
            self.op(Op::DictUpdate, 0, dict, copy, 0);
            if n > 0 {
                let window = self.u.temps(n);
                self.op(Op::UnpackSeq, 0, window, keys, n as u16);
                for i in 0..n as Reg {
                    let copy = self.copy_of(dict);
                    self.op(Op::DelItem, 0, copy, window + i, 0);
                }
            }
            self.capture(rest, dict, x.range, captures)?;
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        x: &'a PatternMatchClass,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        let keywords = &x.arguments.keywords;
        for (i, k) in keywords.iter().enumerate() {
            self.check_forbidden(&k.attr, k.range, true)?;
            if keywords[..i].iter().any(|o| o.attr.as_str() == k.attr.as_str()) {
                return self.error(&k.pattern, format!("attribute name repeated in class pattern: {}", k.attr));
            }
        }
        let positional = x.arguments.patterns.len();
        let n = positional + keywords.len();
        let window = self.u.temps(3);
        self.op(Op::Copy, 0, window, subject, 0);
        self.expr(&x.cls, Some(window + 1))?;
        let names: Vec<Const> = keywords.iter().map(|k| Const::str(&k.attr)).collect();
        self.at(x.range);
        self.load_const(Const::Tuple(names.into()), Some(window + 2));
        let values = self.temp();
        self.op(Op::MatchClass, 0, values, window, positional as u16);
        let copy = self.copy_of(values);
        self.u.asm.branch(Op::JumpIfNone, 1, copy, 0, fail);
        let items = self.u.temps(n);
        if n > 0 {
            self.op(Op::UnpackSeq, 0, items, values, n as u16);
        }
        let patterns = x.arguments.patterns.iter().chain(keywords.iter().map(|k| &k.pattern));
        for (i, p) in patterns.enumerate() {
            self.pattern(p, items + i as Reg, fail, captures)?;
        }
        Ok(())
    }
}

/// The names that a pattern binds.
fn names_of<'a>(p: &'a Pattern, out: &mut Vec<&'a Identifier>) {
    match p {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        Pattern::MatchSequence(x) => x.patterns.iter().for_each(|p| names_of(p, out)),
        Pattern::MatchMapping(x) => {
            x.patterns.iter().for_each(|p| names_of(p, out));
            out.extend(x.rest.as_ref());
        }
        Pattern::MatchClass(x) => {
            x.arguments.patterns.iter().for_each(|p| names_of(p, out));
            x.arguments.keywords.iter().for_each(|k| names_of(&k.pattern, out));
        }
        Pattern::MatchStar(x) => out.extend(x.name.as_ref()),
        Pattern::MatchAs(x) => {
            x.pattern.iter().for_each(|p| names_of(p, out));
            out.extend(x.name.as_ref());
        }
        Pattern::MatchOr(x) => {
            if let Some(first) = x.patterns.first() {
                names_of(first, out);
            }
        }
    }
}
