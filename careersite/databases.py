"""What PostgreSQL may take, told to it as each connection opens."""

# Seconds.
CONNECT = 3  # a server that is up answers at once
LOCK = 10  # for another's row: an import that writes it takes some seconds
IDLE = 60  # in a transaction that does nothing: it stands in the way of others


def limited(statement_seconds: int) -> dict[str, object]:
    """The connection's OPTIONS; without a limit of a statement, commands may take their time."""
    limits = {
        "statement_timeout": statement_seconds,
        "lock_timeout": min(LOCK, statement_seconds),
        "idle_in_transaction_session_timeout": IDLE if statement_seconds else 0,
    }
    given = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items() if seconds)
    # A server that vanished without a word is noticed within these seconds (milliseconds for TCP).
    keeping = {"keepalives_idle": 15, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
    options: dict[str, object] = {"connect_timeout": CONNECT, **keeping}
    return {**options, "options": given} if given else options
