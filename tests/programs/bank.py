# Accounts with validation, a history, an exception hierarchy, properties, class methods, formatted reports.
from __future__ import annotations

from datetime import date, timedelta


class BankError(Exception):
    """Everything that can go wrong at the bank."""


class InsufficientFunds(BankError):
    def __init__(self, account: Account, amount: int) -> None:
        super().__init__(f"{account.owner} has {account.balance / 100:.2f}, needs {amount / 100:.2f}")
        self.missing = amount - account.balance


class Frozen(BankError):
    pass


class Account:
    _next_number = 1000
    rates = {"basic": 0, "savings": 2.5}

    def __init__(self, owner: str, kind: str = "basic") -> None:
        if kind not in self.rates:
            raise ValueError(f"unknown kind {kind!r}; choose one of {', '.join(sorted(self.rates))}")
        self.owner, self.kind = owner, kind
        self._balance = 0
        self.frozen = False
        self.history: list[tuple[date, str, int]] = []
        self.number = type(self)._next_number
        Account._next_number += 1

    @property
    def balance(self) -> int:
        return self._balance

    @classmethod
    def with_deposit(cls, owner, amount, **kwargs):
        account = cls(owner, **kwargs)
        account.deposit(amount, date(2026, 1, 1))
        return account

    def deposit(self, amount, day):
        if amount <= 0:
            raise ValueError("deposits are positive")
        self._move(amount, day, "deposit")

    def withdraw(self, amount, day):
        if amount > self.balance:
            raise InsufficientFunds(self, amount)
        self._move(-amount, day, "withdraw")

    def _move(self, amount, day, what):
        if self.frozen:
            raise Frozen(f"account {self.number} is frozen")
        self._balance += amount
        self.history.append((day, what, amount))

    def interest(self, days):
        return round(self.balance * self.rates[self.kind] / 100 * days / 365)

    def __repr__(self):
        return f"<{self.kind} {self.number}: {self.balance / 100:,.2f}>"

    def __lt__(self, other):
        return self.balance < other.balance


def transfer(source, target, amount, day):
    source.withdraw(amount, day)
    try:
        target.deposit(amount, day)
    except BankError:
        source._move(amount, day, "returned")
        raise


ann = Account.with_deposit("Ann", 150_000, kind="savings")
bob = Account.with_deposit("Bob", 20_050)
day = date(2026, 2, 27)
for step, (who, whom, amount) in enumerate([(ann, bob, 50_000), (bob, ann, 100_000), (bob, ann, 70_050), (ann, bob, 1)], 1):
    try:
        transfer(who, whom, amount, day + timedelta(days=step))
    except InsufficientFunds as error:
        print(step, error, "missing", error.missing)
    else:
        print(step, who, whom)
bob.frozen = True
try:
    transfer(ann, bob, 5, day)
except Frozen as error:
    print(error, ann)
for bad in (lambda: Account("x", "gold"), lambda: ann.deposit(-1, day), lambda: setattr(ann, "balance", 1)):
    try:
        bad()
    except (ValueError, AttributeError) as error:
        print(type(error).__name__, error)
print(f"{'day':<12}{'what':<10}{'amount':>12}")
print("-" * 34)
for d, what, amount in ann.history:
    print(f"{d:%d %b %Y} {what:<10}{amount / 100:>11,.2f}")
print(ann.interest(90), max(ann, bob), sorted([ann, bob]), min([ann, bob]).owner)

# === stdout
# 1 <savings 1000: 1,000.00> <basic 1001: 700.50>
# 2 Bob has 700.50, needs 1000.00 missing 29950
# 3 <basic 1001: 0.00> <savings 1000: 1,700.50>
# 4 <savings 1000: 1,700.49> <basic 1001: 0.01>
# account 1001 is frozen <savings 1000: 1,700.49>
# ValueError unknown kind 'gold'; choose one of basic, savings
# ValueError deposits are positive
# AttributeError property 'balance' of 'Account' object has no setter
# day         what            amount
# ----------------------------------
# 01 Jan 2026 deposit      1,500.00
# 28 Feb 2026 withdraw      -500.00
# 02 Mar 2026 deposit        700.50
# 03 Mar 2026 withdraw        -0.01
# 27 Feb 2026 withdraw        -0.05
# 27 Feb 2026 returned         0.05
# 1048 <savings 1000: 1,700.49> [<basic 1001: 0.01>, <savings 1000: 1,700.49>] Bob
