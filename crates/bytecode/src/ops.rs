//! The table of instructions, once: documentation, mnemonic, operands. The enum, the operand descriptions, the verifier,
//! the disassembler and `docs/bytecode.md` derive from it.
//!
//! # The machine
//!
//! A frame is a window of registers on the value stack: parameters first, then the other locals (cells included), then
//! temporaries. A register holds a value or is *unbound* (the zero word).
//!
//! Invariant: temporaries obey a stack discipline. A `Src` operand that is a temporary dies with the instruction (the
//! machine takes it); a `Ref` operand is only looked at. A dead temporary never holds a heap reference, so that an
//! object lives exactly as long as CPython's stack would keep it.
//!
//! Invariant: `Dst` may be any register; what it held is dropped. A `Dst` may equal a `Src`.
//!
//! A *window* is a run of consecutive temporaries, named by its first register; the instruction takes all of them
//! unless its documentation says otherwise.
//!
//! In a code object with [`crate::CodeFlags::NAMESPACE`] (module, class body, `exec`), register 0 holds the namespace
//! mapping that the `*Name` instructions use.

/// What an operand field of an instruction means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Unused; must be zero.
    None,
    /// A register that is written.
    Dst,
    /// A register that is read, and taken when it is a temporary.
    Src,
    /// A register that is read and stays as it is.
    Ref,
    /// A register that is read and written.
    Mod,
    /// The first register of a window.
    Win,
    /// How many registers of the window are used, or another count.
    Count,
    /// Index into the constants.
    Const,
    /// Index into the names.
    Name,
    /// Index into the cache sites; `Code::sites[i]` is the name the site is about.
    Site,
    /// Index into the free variables of the running function.
    Free,
    /// Signed 16-bit immediate.
    Imm,
    /// A distance in instructions (unsigned; direction and base are the instruction's).
    Off,
    /// This field is a half of the 32-bit absolute jump target in `b` and `c`.
    Target,
    /// Bits or a selector that the documentation explains.
    Sel,
}

/// A description of one instruction.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// Its name.
    pub name: &'static str,
    /// What `x`, `a`, `b` and `c` are.
    pub operands: [Operand; 4],
    /// Its documentation, from the table.
    pub doc: &'static str,
}

macro_rules! ops {
    ($( $(#[doc = $doc:literal])* $name:ident ( $x:ident, $a:ident, $b:ident, $c:ident ) ),* $(,)?) => {
        /// The operations.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Op { $( $(#[doc = $doc])* $name ),* }

        /// One description an operation, in the order of [`Op`].
        pub const OPS: &[OpInfo] = &[ $( OpInfo {
            name: stringify!($name),
            operands: [Operand::$x, Operand::$a, Operand::$b, Operand::$c],
            doc: concat!($($doc, "\n"),*),
        } ),* ];

        impl Op {
            /// All operations, in order of their codes.
            pub const ALL: &[Op] = &[ $( Op::$name ),* ];
        }
    };
}

impl Op {
    /// The description of this operation.
    #[inline]
    pub const fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }

    /// The operation with code `byte`, if there is one.
    #[inline]
    pub fn from_u8(byte: u8) -> Option<Op> {
        Op::ALL.get(byte as usize).copied()
    }
}

ops! {
    // ---- registers and constants ----
    /// Does nothing.
    Nop(None, None, None, None),
    /// r[a] = a new reference to r[b] (b is left as it is; it must be bound).
    Copy(None, Dst, Ref, None),
    /// r[a] = r[b], and b is unbound afterwards (for a local moved away or a temporary stored into a local). The receiver
    /// of a method pair is moved even if it is unbound.
    Move(None, Dst, Src, None),
    /// r[a] = consts[b].
    LoadConst(None, Dst, Const, None),
    /// r[a] = consts[b], and r[a] is not a constant of the code but None/True/False/int: same as LoadConst (a hint).
    LoadNone(None, Dst, None, None),
    /// Raises UnboundLocalError (or NameError for a comprehension's or class's hidden local) if local a is unbound.
    CheckLocal(None, Ref, None, None),
    /// `del` of local a: raises UnboundLocalError if unbound, unbinds it.
    DelLocal(None, Mod, None, None),
    /// Unbinds register a, bound or not.
    Clear(None, Mod, None, None),
    /// Drops the temporaries a .. a+b (top first).
    ClearRange(None, Win, Count, None),

    // ---- cells ----
    /// r[a] = a new cell that holds what r[a] held (or is empty if it was unbound).
    MakeCell(None, Mod, None, None),
    /// r[a] = contents of the cell in local b; NameError/UnboundLocalError if empty.
    LoadCell(None, Dst, Ref, None),
    /// contents of the cell in local a = r[b].
    StoreCell(None, Ref, Src, None),
    /// Empties the cell in local a; error if it is empty.
    DelCell(None, Ref, None, None),
    /// r[a] = contents of free variable b; NameError if empty.
    LoadFree(None, Dst, Free, None),
    /// contents of free variable b = r[a].
    StoreFree(None, Src, Free, None),
    /// Empties free variable b; NameError if it is empty.
    DelFree(None, None, Free, None),
    /// r[a] = the cell itself of free variable b (to build a closure; for an own cell use Copy).
    LoadFreeCell(None, Dst, Free, None),
    /// r[a] = r[b][name] if the mapping r[b] has the name of the cell, else contents of free variable c.
    /// r[b] is taken. Used in class bodies and annotation scopes.
    LoadFromDictOrFree(None, Dst, Src, Free),
    /// The same for an own cell: mapping r[b], cell in local c.
    LoadFromDictOrCell(None, Dst, Src, Ref),

    // ---- names ----
    /// r[a] = the global or builtin named by the site; NameError.
    LoadGlobal(None, Dst, None, Site),
    /// globals[names[b]] = r[a].
    StoreGlobal(None, Src, Name, None),
    /// del globals[names[b]]; NameError.
    DelGlobal(None, None, Name, None),
    /// r[a] = names[b] looked up in the namespace (r[0]), globals, builtins; NameError.
    LoadName(None, Dst, Name, None),
    /// LoadName of the name of the site: in loops, where it pays to remember where it was found.
    LoadNameAgain(None, Dst, None, Site),
    /// namespace[names[b]] = r[a].
    StoreName(None, Src, Name, None),
    /// StoreName of the name of the site, in loops.
    StoreNameAgain(None, Src, None, Site),
    /// del namespace[names[b]]; NameError.
    DelName(None, None, Name, None),
    /// r[a] = r[b][names[c]] if the mapping r[b] has it, else the global or builtin; r[b] is taken.
    LoadFromDictOrGlobal(None, Dst, Src, Name),
    /// r[a] = the frame's namespace (locals() of a class body or module; a dict of the locals in a function).
    LoadLocals(None, Dst, None, None),
    /// r[a] = builtins.__build_class__.
    LoadBuildClass(None, Dst, None, None),
    /// r[a] = a well-known object by x: 0 AssertionError, 1 NotImplementedError, 2 builtin tuple, 3 builtin all,
    /// 4 builtin any, 5 builtin list, 6 builtin set, 7 StopAsyncIteration, 8 empty dict (new).
    LoadCommon(Sel, Dst, None, None),

    // ---- attributes and items ----
    /// r[a] = r[b].name.
    LoadAttr(None, Dst, Src, Site),
    /// r[a].name = r[b].
    StoreAttr(None, Src, Src, Site),
    /// del r[a].names[b].
    DelAttr(None, Src, Name, None),
    /// For a call r[b].name(...): r[a] = the function, r[a+1] = the receiver; or r[a] = the bound callable and r[a+1] unbound.
    LoadMethod(None, Win, Src, Site),
    /// super().name or super(C, o).name without a super object. Window b holds [super, class, self] (taken).
    /// x bit 0: method form (writes r[a], r[a+1] as LoadMethod does); x bit 1: the source had two arguments.
    /// If r[b] is not the builtin `super`, calls it with the arguments the source gave and loads the attribute.
    LoadSuperAttr(Sel, Dst, Win, Site),
    /// r[a] = r[b][r[c]].
    GetItem(None, Dst, Src, Src),
    /// r[a] = r[b][imm c].
    GetItemI(None, Dst, Src, Imm),
    /// r[a][r[b]] = r[c].
    SetItem(None, Src, Src, Src),
    /// del r[a][r[b]].
    DelItem(None, Src, Src, None),
    /// r[a] = r[b][r[c] : r[c+1]] (window c of two).
    GetSlice(None, Dst, Src, Win),
    /// r[a][r[b] : r[b+1]] = r[c] (window b of two).
    SetSlice(None, Src, Win, Src),
    /// r[a] = slice(r[b], r[b+1]) or slice(r[b], r[b+1], r[b+2]); c is 2 or 3.
    BuildSlice(None, Dst, Win, Count),

    // ---- arithmetic; x bit 0: in-place form ----
    /// r[a] = r[b] + r[c].
    Add(Sel, Dst, Src, Src),
    /// r[a] = r[b] - r[c].
    Sub(Sel, Dst, Src, Src),
    /// r[a] = r[b] * r[c].
    Mul(Sel, Dst, Src, Src),
    /// r[a] = r[b] / r[c].
    TrueDiv(Sel, Dst, Src, Src),
    /// r[a] = r[b] // r[c].
    FloorDiv(Sel, Dst, Src, Src),
    /// r[a] = r[b] % r[c].
    Mod(Sel, Dst, Src, Src),
    /// r[a] = r[b] ** r[c].
    Pow(Sel, Dst, Src, Src),
    /// r[a] = r[b] @ r[c].
    MatMul(Sel, Dst, Src, Src),
    /// r[a] = r[b] << r[c].
    Shl(Sel, Dst, Src, Src),
    /// r[a] = r[b] >> r[c].
    Shr(Sel, Dst, Src, Src),
    /// r[a] = r[b] & r[c].
    And(Sel, Dst, Src, Src),
    /// r[a] = r[b] | r[c].
    Or(Sel, Dst, Src, Src),
    /// r[a] = r[b] ^ r[c].
    Xor(Sel, Dst, Src, Src),
    /// r[a] = r[b] + imm.
    AddI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] - imm.
    SubI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] * imm.
    MulI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] // imm.
    FloorDivI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] % imm.
    ModI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] & imm.
    AndI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] << imm.
    ShlI(Sel, Dst, Src, Imm),
    /// r[a] = r[b] >> imm.
    ShrI(Sel, Dst, Src, Imm),
    /// r[a] = -r[b].
    Neg(None, Dst, Src, None),
    /// r[a] = +r[b].
    Pos(None, Dst, Src, None),
    /// r[a] = ~r[b].
    Invert(None, Dst, Src, None),
    /// r[a] = not r[b].
    Not(None, Dst, Src, None),

    // ---- comparisons ----
    /// r[a] = r[b] < r[c].
    Lt(None, Dst, Src, Src),
    /// r[a] = r[b] <= r[c].
    Le(None, Dst, Src, Src),
    /// r[a] = r[b] == r[c].
    Eq(None, Dst, Src, Src),
    /// r[a] = r[b] != r[c].
    Ne(None, Dst, Src, Src),
    /// r[a] = r[b] > r[c].
    Gt(None, Dst, Src, Src),
    /// r[a] = r[b] >= r[c].
    Ge(None, Dst, Src, Src),
    /// r[a] = r[b] is r[c]; x bit 0: is not.
    Is(Sel, Dst, Src, Src),
    /// r[a] = r[b] in r[c]; x bit 0: not in.
    In(Sel, Dst, Src, Src),

    // ---- jumps; a jump to a lower index polls the eval breaker ----
    /// pc = target.
    Jump(None, None, Target, Target),
    /// Jumps if bool(r[a]) == (x bit 0).
    JumpIf(Sel, Src, Target, Target),
    /// Jumps and keeps r[a] if bool(r[a]) == (x bit 0); otherwise takes r[a] and goes on. For `and`, `or`, chains.
    JumpIfKeep(Sel, Mod, Target, Target),
    /// Jumps if (r[a] is None) == (x bit 0).
    JumpIfNone(Sel, Src, Target, Target),
    /// Compare and jump: if bool(r[a] OP r[b]) == (x bit 0), pc += c as a signed distance from the next instruction.
    JumpLt(Sel, Src, Src, Imm),
    /// See JumpLt.
    JumpLe(Sel, Src, Src, Imm),
    /// See JumpLt.
    JumpEq(Sel, Src, Src, Imm),
    /// See JumpLt.
    JumpNe(Sel, Src, Src, Imm),
    /// See JumpLt.
    JumpGt(Sel, Src, Src, Imm),
    /// See JumpLt.
    JumpGe(Sel, Src, Src, Imm),
    /// Compare with the immediate b and jump: if bool(r[a] OP imm b) == (x bit 0), pc += c (signed).
    JumpLtI(Sel, Src, Imm, Imm),
    /// See JumpLtI.
    JumpLeI(Sel, Src, Imm, Imm),
    /// See JumpLtI.
    JumpEqI(Sel, Src, Imm, Imm),
    /// See JumpLtI.
    JumpNeI(Sel, Src, Imm, Imm),
    /// See JumpLtI.
    JumpGtI(Sel, Src, Imm, Imm),
    /// See JumpLtI.
    JumpGeI(Sel, Src, Imm, Imm),
    /// Identity and jump: if (r[a] is r[b]) == (x bit 0), pc += c (signed).
    JumpIs(Sel, Src, Src, Imm),
    /// Membership and jump: if bool(r[a] in r[b]) == (x bit 0), pc += c (signed).
    JumpIn(Sel, Src, Src, Imm),

    // ---- iteration ----
    /// r[a] = iter(r[b]).
    GetIter(None, Dst, Src, None),
    /// Bottom of a loop: advances the iterator in temporary b. With a next value: r[a] = it, polls, pc -= c (distance
    /// back from this instruction). Exhausted: takes r[b] and goes on.
    ForNext(None, Dst, Mod, Off),
    /// Top of a loop: with a next value: r[a] = it, and skips the following instruction (a Jump out of the loop).
    /// Exhausted: takes r[b] and goes on with that Jump.
    ForIter(None, Dst, Mod, None),
    /// r[a .. a+c] = the c items of r[b], first item in a. ValueError when the number differs.
    UnpackSeq(None, Win, Src, Count),
    /// Star unpacking: c = before | after << 8. r[a..] = before items, the list of the rest, after items.
    UnpackEx(None, Win, Src, Count),

    // ---- building ----
    /// r[a] = tuple of window b, c items.
    BuildTuple(None, Dst, Win, Count),
    /// r[a] = list of window b, c items.
    BuildList(None, Dst, Win, Count),
    /// r[a] = set of window b, c items.
    BuildSet(None, Dst, Win, Count),
    /// r[a] = dict of window b, c pairs (key, value, key, value, ...).
    BuildMap(None, Dst, Win, Count),
    /// r[a] = the strings of window b joined, c items (f-string).
    BuildString(None, Dst, Win, Count),
    /// r[a] = format(conv(r[b]), r[c]). x bits 0-1: conversion 0 none, 1 str, 2 repr, 3 ascii; bit 2: c is used.
    FormatValue(Sel, Dst, Src, Src),
    /// r[a] = Interpolation(value, expression text, conversion, format spec); window b of 4 (conversion: None or str).
    BuildInterpolation(None, Dst, Win, None),
    /// r[a] = Template from window b of c parts, each a str or an Interpolation, in source order.
    BuildTemplate(None, Dst, Win, Count),
    /// r[a].append(r[b]) for the list in temporary a.
    ListAppend(None, Ref, Src, None),
    /// r[a].extend(r[b]); TypeError "Value after * must be an iterable, not X".
    ListExtend(None, Ref, Src, None),
    /// r[a] = tuple(r[b]) for a list b.
    ListToTuple(None, Dst, Src, None),
    /// r[a].add(r[b]) for the set in temporary a.
    SetAdd(None, Ref, Src, None),
    /// r[a].update(r[b]) for the set in temporary a.
    SetUpdate(None, Ref, Src, None),
    /// r[a][r[b]] = r[c] for the dict in temporary a.
    MapInsert(None, Ref, Src, Src),
    /// r[a].update(r[b]) for a dict display `{**x}`; TypeError "'X' object is not a mapping".
    DictUpdate(None, Ref, Src, None),
    /// The same for `f(**x)`: duplicate keys and non-strings are errors; r[c] is the callable (for messages).
    DictMerge(None, Ref, Src, Ref),

    // ---- calls ----
    /// r[a] = r[a](r[a+1], ..., r[a+b]).
    Call(None, Win, Count, Site),
    /// After LoadMethod/LoadSpecial: r[a] = r[a](r[a+1] if bound, r[a+2], ..., r[a+1+b]); b does not count the receiver.
    CallMethod(None, Win, Count, Site),
    /// Call with keywords: consts[c] is the tuple of names of the last arguments. x bit 0: method form as CallMethod.
    /// b counts all arguments, positional and keyword, without the receiver.
    CallKw(Sel, Win, Count, Const),
    /// r[a] = r[a](*r[a+1], **r[a+2]); r[a+1] is a tuple or any iterable; x bit 0: r[a+2] is used (a dict).
    CallEx(Sel, Win, None, None),
    /// Returns r[a]; registers 0 .. b are cleared.
    Return(None, Src, Count, None),
    /// r[a] = function of the code consts[b]. x: bit 0 defaults (tuple), 1 keyword defaults (dict), 2 annotate function,
    /// 3 closure (tuple of cells), 4 type parameters (tuple): those present lie in window c in this order.
    MakeFunction(Sel, Dst, Const, Win),

    // ---- generators and coroutines ----
    /// First instruction of a generator, coroutine or asynchronous generator: makes the object from the frame and
    /// returns it to the caller.
    MakeGenerator(None, None, None, None),
    /// Yields r[b]; when resumed r[a] = the sent value. x: 0 plain; 1 inside a Send loop, c = the delegate iterator's
    /// register; 2 the value of an asynchronous generator's `yield`.
    Yield(Sel, Dst, Src, Ref),
    /// Sends r[a] to the iterator in temporary b: a yielded value goes to r[a], and the next instruction runs (a Yield
    /// with x = 1, followed by a Jump back here). When the delegate is done: r[a] = its result, r[b] is taken, pc += c.
    Send(None, Mod, Mod, Off),
    /// r[a] = iterator for `yield from r[b]`.
    GetYieldFromIter(None, Dst, Src, None),
    /// r[a] = iterator for `await r[b]`. x: 0 await, 1 __aenter__, 2 __aexit__, 3 __anext__ (for messages).
    GetAwaitable(Sel, Dst, Src, None),
    /// r[a] = r[b].__aiter__().
    GetAIter(None, Dst, Src, None),
    /// r[a] = awaitable iterator of r[b].__anext__(); b stays.
    GetANext(None, Dst, Ref, None),
    /// In the handler of an `async for` whose exception is in temporary a: if it is StopAsyncIteration, takes it and
    /// the iterator in temporary b and goes on; otherwise raises it again.
    EndAsyncFor(None, Src, Src, None),

    // ---- exceptions. A handler at depth d starts with the exception in r[d] ----
    /// Handler entry: r[a+1] = the exception handled so far (or None); the handled exception is now r[a].
    PushExc(None, Win, None, None),
    /// Leaves a handler: the handled exception is r[a+1] again; takes both registers.
    PopExc(None, Win, None, None),
    /// raise: x = 0 re-raise the handled exception, 1 raise r[a], 2 raise r[a] from r[b].
    Raise(Sel, Src, Src, None),
    /// Raises r[a] again with its traceback unchanged.
    Reraise(None, Src, None, None),
    /// r[a] = whether exception r[b] matches r[c] (type or tuple); TypeError for other things. b stays.
    CheckExcMatch(None, Dst, Ref, Src),
    /// `except*`: r[a] = the part of the group r[b] that matches r[c] or None; r[b] = the rest or None.
    CheckEgMatch(None, Dst, Mod, Src),
    /// `except*` epilogue: r[a] = exception to raise again or None, from original r[b] and the list r[b+1] (window of 2).
    PrepReraiseStar(None, Dst, Win, None),
    /// r[a], r[a+1], r[a+2] = type, value, traceback of exception r[b] (arguments of `__exit__`); b stays.
    ExcInfo(None, Win, Ref, None),
    /// with: r[a], r[a+1] = function and receiver as LoadMethod, of the special method x of r[b] (b stays):
    /// 0 __enter__, 1 __exit__, 2 __aenter__, 3 __aexit__. TypeError as CPython words it.
    LoadSpecial(Sel, Win, Ref, None),

    // ---- imports ----
    /// r[a] = import of names[b]; window c holds [fromlist, level].
    ImportName(None, Dst, Name, Win),
    /// r[a] = attribute names[c] of module r[b] as `from m import n` finds it; b stays. ImportError.
    ImportFrom(None, Dst, Ref, Name),
    /// from r[a] import * into the namespace.
    ImportStar(None, Src, None, None),

    // ---- pattern matching ----
    /// r[a] = whether r[b] is a sequence for patterns; b stays.
    MatchSequence(None, Dst, Ref, None),
    /// r[a] = whether r[b] is a mapping for patterns; b stays.
    MatchMapping(None, Dst, Ref, None),
    /// r[a] = tuple of values of r[b] for the keys in tuple r[c], or None; b stays, c stays.
    MatchKeys(None, Dst, Ref, Ref),
    /// r[a] = tuple of attributes, or None. Window b: [subject, class, tuple of keyword names]; c positional patterns.
    MatchClass(None, Dst, Win, Count),
    /// r[a] = len(r[b]); b stays.
    GetLen(None, Dst, Ref, None),

    // ---- classes, annotations, type parameters, the rest ----
    /// Makes `__annotations__` in the namespace if it is missing.
    SetupAnnotations(None, None, None, None),
    /// One-argument helpers. r[a] = helper x of r[b]: 0 display hook of the interactive mode, 1 TypeVar(name),
    /// 2 ParamSpec(name), 3 TypeVarTuple(name), 4 Generic[params], 5 TypeAliasType from tuple (name, params or None, function).
    Intrinsic1(Sel, Dst, Src, None),
    /// Two-argument helpers on window b. r[a] = helper x: 0 TypeVar with bound (name, function), 1 TypeVar with
    /// constraints (name, function), 2 set `__type_params__` (function, params) -> function,
    /// 3 set the default of a type parameter (param, function) -> param.
    Intrinsic2(Sel, Dst, Win, None),

    // ---- never in a code object ----
    /// Stands for an instruction of an interpreter's private copy of a code while events of it are asked for; the
    /// operands are the instruction's. Never in a code object: the verifier refuses it.
    Instrumented(None, None, None, None),
}

const _: () = assert!(OPS.len() < 256);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for (i, op) in Op::ALL.iter().enumerate() {
            assert_eq!(*op as usize, i);
            assert_eq!(Op::from_u8(i as u8), Some(*op));
        }
        assert_eq!(Op::from_u8(255), None);
    }

    #[test]
    fn every_operation_is_documented() {
        for info in OPS {
            assert!(info.doc.len() > 5, "{} has no documentation", info.name);
        }
    }
}
