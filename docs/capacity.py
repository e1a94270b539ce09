#!/usr/bin/env python3
"""The figures of docs/capacity.md, from what was measured and what is assumed; every input is an option."""

import argparse
import heapq
import math
import random
import sys

MEASURED, ASSUMED, DEFAULT, EXAMPLE = "measured", "assumed", "default", "example"
INPUTS = [  # option, value, where it is from, what it is
    ("cpu-ms-per-chain", 0.4, MEASURED, "ms of processor time for a chain whose deltas come together, without TLS to the provider"),
    ("cpu-us-per-delta", 40, MEASURED, "µs that each delta of the provider's adds, of any step, if it comes by itself"),
    ("bytes-per-delta-to-client", 250, MEASURED, "bytes of a delta of the answer that the client gets"),
    ("memory-mib-idle", 18, MEASURED, "MiB in RAM of a server that does nothing"),
    ("memory-kib-per-stream", 57, MEASURED, "KiB that a silent stream adds"),
    ("files-per-stream", 2, MEASURED, "open files of a stream"),
    ("log-bytes-per-chain", 1400, MEASURED, "bytes of a chain's log lines"),
    ("redis-us-per-script", 20, MEASURED, "µs of Redis's processor time for a script, one after the other"),
    ("redis-us-per-checkpoint", 60, MEASURED, "the same for a script that keeps a checkpoint of 20 kB"),
    ("redis-us-per-call-under-way", 1.0, MEASURED, "µs that each call under way of the same caller adds to a budget's"),
    ("duration-median", 15, ASSUMED, "seconds that a chain lasts; the durations are lognormal, with"),
    ("duration-sigma", 0.5, ASSUMED, "this standard deviation of the logarithm"),
    ("calls-per-chain", 3, ASSUMED, "calls of a chain"),
    ("calls-again", 0.05, ASSUMED, "the share of calls that are made again: retries and repairs"),
    ("input-tokens", 6000, ASSUMED, "input of a chain's calls, as far as it counts towards the provider's limit"),
    ("output-tokens", 2500, ASSUMED, "output of a chain's calls"),
    ("deltas-per-chain", 500, ASSUMED, "deltas in which a real model sends that, of all steps"),
    ("answer-share", 0.4, ASSUMED, "the share of them that is the answer's, and goes to the client"),
    ("cpu-factor", 2, ASSUMED, "what TLS and a real network make of the measured processor time, times"),
    ("cpu-use", 0.6, ASSUMED, "how much of a core is planned with, of Redis's too"),
    ("refused", 0.0001, ASSUMED, "the share of chains that may be refused because all places are taken"),
    ("spare", 0.05, ASSUMED, "the share of replicas that may be away, at least one"),
    ("with-budget", 1, ASSUMED, "the share of chains whose caller has a budget"),
    ("with-key", 0.1, ASSUMED, "the share of chains with an `Idempotency-Key`"),
    ("balancer-connections", 50000, ASSUMED, "connections of one load balancer, to clients and to replicas"),
    ("caller-limit", 10, DEFAULT, "chains a minute that a caller may begin: `RATE_LIMIT_CHAT_COMPLETIONS`"),
    ("checkpoint-days", 1, DEFAULT, "days that a checkpoint is kept: `CHECKPOINT_TTL_SECONDS`"),
    ("open-files", 65536, DEFAULT, "files of a replica: `LimitNOFILE` of `deploy/systemd`"),
    ("ports", 28232, DEFAULT, "ports of an address towards one other: Linux's `net.ipv4.ip_local_port_range`"),
    ("requests-per-minute", 5000, EXAMPLE, "the provider's limit of an organisation: see your console"),
    ("input-tokens-per-minute", 2000000, EXAMPLE, "the same"),
    ("output-tokens-per-minute", 500000, EXAMPLE, "the same"),
]
MAY_BE_0 = {"calls-again", "cpu-us-per-delta", "duration-sigma", "spare", "with-budget", "with-key", "redis-us-per-call-under-way"}
SHARES = {"answer-share", "cpu-use", "refused", "spare", "with-budget", "with-key"}
# As the sources have it: scripts that write a checkpoint, and others; seconds between renewals of its lease; connections of
# clients for each place, and further ones; seconds until a replica that drains is gone; KiB sent that a client doesn't take.
WRITES, OTHERS, RENEW_EVERY, PER_PLACE, FURTHER, DRAIN, SEND_BUFFER = 3, 2, 3, 4, 1000, 89, 128
# Bytes: of a token's text; around a delta from the provider; of a script to Redis and back. Linux's TIME_WAIT in seconds.
TOKEN, EVENT, SCRIPT, TIME_WAIT = 4, 150, 350, 60
POLICIES = [("random", 1), ("round robin", 1), ("least", 4), ("least", 1)]


def show(value):
    """Text as it is, numbers to three digits."""
    if isinstance(value, str):
        return value
    digits = float(f"{value:.3g}")
    return f"{digits:,.0f}" if digits >= 1000 else f"{digits:g}"


def percent(share):
    return "0" if share == 0 else "<0.001 %" if share < 1e-5 else f"{float(f'{100 * share:.3g}'):g} %"


def table(name, head, rows):
    lines = ["|" + "|".join(f" {show(cell)} ".replace("  ", " ") for cell in cells) + "|" for cells in [head, *rows]]
    lines.insert(1, "|---" * len(head) + "|")
    print(f"## {name}\n\n" + "\n".join(lines) + "\n")


def erlang_b(places, offered):
    """The share that so many places refuse, if so many chains would be under way on average."""
    share = 1.0
    for place in range(1, round(places) + 1):
        share = offered * share / (place + offered * share)
    return share


def most_use(places, refused):
    """How full that many places may be on average, so that no larger share is refused."""
    low, high = 0.0, 1.0
    for _ in range(16):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(places, places * middle) <= refused else (low, middle)
    return low


def simulate(a, replicas, places, policy, balancers, arrivals=100000):
    """Chains come at random, and go by a policy to a replica, which refuses them when it is full. Begins with as many
    under way as there are on average. Returns the share refused, and how full the fullest replica was at its fullest."""
    rng, mu, concurrent = random.Random(a.seed), math.log(a.duration_median), a.concurrent[0]
    held, seen = [0] * replicas, [[0] * replicas for _ in range(balancers)]
    ends, refused, peak, now = [], 0, 0, 0.0
    for number in range(-concurrent, arrivals):
        if number < 0:  # What is left of one that is met at some moment; longer ones are met more often.
            lasts = rng.random() * rng.lognormvariate(mu + a.duration_sigma**2, a.duration_sigma)
        else:
            now += rng.expovariate(concurrent / a.duration)
            lasts = rng.lognormvariate(mu, a.duration_sigma)
        while ends and ends[0][0] <= now:
            _, by, at = heapq.heappop(ends)
            held[at] -= 1
            seen[by][at] -= 1
        by = rng.randrange(balancers)
        if policy == "random":
            at = rng.randrange(replicas)
        elif policy == "round robin":
            at = number % replicas
        else:
            first = rng.randrange(replicas)  # Of several with the fewest, any.
            turned = seen[by][first:] + seen[by][:first]
            at = (first + turned.index(min(turned))) % replicas
        if held[at] == places:
            refused += number >= 0
            continue
        held[at] += 1
        seen[by][at] += 1
        peak = max(peak, held[at])
        heapq.heappush(ends, (now + lasts, by, at))
    return refused / arrivals, peak / places


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for option, value, source, meaning in INPUTS:
        parser.add_argument(f"--{option}", type=float, default=value, metavar="N", help=f"{source}: {meaning}")
    parser.add_argument("--concurrent", type=int, nargs="+", default=[10000, 1000000], help="chains under way")
    parser.add_argument("--places", type=int, nargs="+",
                        help="MAX_CONCURRENT_RUNS, one for all or one for each --concurrent; 10,000 from 100,000 chains on, else 1,000")
    parser.add_argument("--seed", type=int, default=1, help="of the simulation, which is of the first --concurrent")
    a = parser.parse_args()
    for option, *_ in INPUTS:
        value = given(a, option)
        if value < 0 or value == 0 and option not in MAY_BE_0:
            parser.error(f"--{option} is too small")
        if value > 1 and option in SHARES:
            parser.error(f"--{option} is a share, from 0 to 1")
    a.places = a.places or [1000 if concurrent < 100000 else 10000 for concurrent in a.concurrent]
    if len(a.places) == 1:
        a.places *= len(a.concurrent)
    if len(a.places) != len(a.concurrent) or min(a.places + a.concurrent) < 1:
        parser.error("--places wants one number, or one for each of --concurrent, from 1")
    a.duration = a.duration_median * math.exp(a.duration_sigma**2 / 2)
    a.calls = a.calls_per_chain * (1 + a.calls_again)
    a.cpu_ms_alone = a.cpu_ms_per_chain + a.deltas_per_chain * a.cpu_us_per_delta / 1000
    a.cpu_ms = a.cpu_factor * a.cpu_ms_alone
    a.tokens_in, a.tokens_out = (tokens * (1 + a.calls_again) for tokens in (a.input_tokens, a.output_tokens))
    a.limits = [("requests", a.calls, a.requests_per_minute), ("input tokens", a.tokens_in, a.input_tokens_per_minute),
                ("output tokens", a.tokens_out, a.output_tokens_per_minute)]
    a.scripts = {"limits": 1, "budgets": 2 * a.calls * a.with_budget,
                 "checkpoints": (WRITES + OTHERS + a.duration / RENEW_EVERY) * a.with_key}
    a.checkpoint = 2 * a.output_tokens * TOKEN  # As it is when it is whole; the three writes are twice that together.
    a.redis_us = sum(a.scripts.values()) * a.redis_us_per_script
    a.redis_us += WRITES * a.with_key * (a.redis_us_per_checkpoint - a.redis_us_per_script)
    a.redis_bytes = sum(a.scripts.values()) * SCRIPT + 2 * a.checkpoint * a.with_key
    return a


class Target:
    """What a number of chains under way needs of replicas and load balancers."""

    def __init__(self, a, concurrent, places):
        self.concurrent, self.places, self.rate = concurrent, places, concurrent / a.duration
        self.least = math.ceil(concurrent / (places * most_use(places, a.refused)))
        self.spare = max(1, math.ceil(self.least * a.spare))
        self.replicas = self.least + self.spare
        self.cores = self.rate * a.cpu_ms / 1000 / a.cpu_use
        self.primaries = math.ceil(self.rate * a.redis_us / 1e6 / a.cpu_use)
        self.balancers = math.ceil(2 * concurrent / a.balancer_connections)
        self.to_replica = 1 / self.balancers / self.least


def script_us(a, calls):
    return a.redis_us_per_script + calls * a.redis_us_per_call_under_way


def of_caller(a, calls):
    """The share of Redis's core for one caller with a budget that has so many chains, each with a call, under way."""
    return calls / a.duration * 2 * a.calls * script_us(a, calls) / 1e6


def most_of_caller(a):
    """How many one caller may have under way, so that Redis's core is used as far as is planned with."""
    once, each = a.redis_us_per_script, a.redis_us_per_call_under_way
    product = a.cpu_use * 1e6 * a.duration / (2 * a.calls)
    return (math.sqrt(once**2 + 4 * each * product) - once) / (2 * each) if each else product / once


def given(a, option):
    return getattr(a, option.replace("-", "_"))


def one_core(a):
    for name, ms, use in [("deltas that come together", a.cpu_ms_per_chain, 1),
                          ("each delta by itself", a.cpu_ms_alone, 1), ("planned with", a.cpu_ms, a.cpu_use)]:
        yield name, ms, percent(use), use * 1000 / ms, use * 1000 / ms * a.duration


def bottlenecks(a):
    places = a.places[0]
    rows = [(f"provider: {name} a minute", "an organisation, by the example", limit / each * a.duration / 60)
            for name, each, limit in a.limits]
    rows += [
        (f"places, {places:,}", "a replica", places * most_use(places, a.refused)),
        ("processor", "a core of replicas", a.cpu_use * 1000 / a.cpu_ms * a.duration),
        ("open files, of all connections that may be", "a replica", (a.open_files - FURTHER) / (PER_PLACE + 1)),
        ("open files, of streams alone", "a replica", a.open_files / a.files_per_stream),
        ("memory", "a GiB of replicas", 1024 * 1024 / a.memory_kib_per_stream),
        ("ports towards the provider", "an address of yours and one of the provider's", a.ports),
        ("ports towards a replica, at worst", "a load balancer's address", a.ports / (1 + TIME_WAIT / a.duration)),
        ("connections of a load balancer", "a load balancer", a.balancer_connections / 2),
        ("Redis's processor, many callers", "a primary", a.cpu_use * 1e6 / a.redis_us * a.duration),
        ("Redis's processor, one caller with a budget", "a primary", most_of_caller(a)),
    ]
    return sorted(rows, key=lambda row: row[2])


def upstream_limits(a):
    for name, each, limit in a.limits:
        yield f"{name} a minute", lambda t, each=each: t.rate * 60 * each
        yield f"the example's {limit:,.0f}, times", lambda t, each=each, limit=limit: t.rate * 60 * each / limit


def replicas(a):
    from_provider = a.deltas_per_chain * EVENT + a.tokens_out * TOKEN
    to_client = a.deltas_per_chain * a.answer_share * a.bytes_per_delta_to_client
    return [
        ("chains begun a second", lambda t: t.rate),
        ("replicas, and how many of them are spare", lambda t: f"{t.replicas}, {t.spare}"),
        ("mean use of places without the spare ones", lambda t: percent(t.concurrent / t.least / t.places)),
        ("cores, all together", lambda t: t.cores),
        ("cores of each, without the spare ones", lambda t: t.cores / t.least),
        ("memory of a full replica, MiB", lambda t: a.memory_mib_idle + t.places * a.memory_kib_per_stream / 1024),
        ("its send buffers if no client takes anything, MiB", lambda t: t.places * SEND_BUFFER / 1024),
        ("its open files: streams alone", lambda t: a.files_per_stream * t.places),
        ("its open files: all connections that may be", lambda t: (PER_PLACE + 1) * t.places + FURTHER),
        ("its ports towards the provider", lambda t: t.places),
        ("addresses of yours for one of the provider's", lambda t: math.ceil(t.concurrent / a.ports)),
        ("to clients, Mbit/s", lambda t: t.rate * to_client * 8 / 1e6),
        ("from the provider, Mbit/s", lambda t: t.rate * from_provider * 8 / 1e6),
        ("to the provider, Mbit/s", lambda t: t.rate * a.tokens_in * TOKEN * 8 / 1e6),
        ("log, GB a day", lambda t: t.rate * a.log_bytes_per_chain * 86400 / 1e9),
        ("rolling restart, the spare number at a time, minutes at most", lambda t: t.replicas / t.spare * DRAIN / 60),
    ]


def shared_store(a):
    return [
        *((f"scripts a second: {name}", lambda t, each=each: t.rate * each) for name, each in a.scripts.items()),
        ("to and from Redis, Mbit/s", lambda t: t.rate * a.redis_bytes * 8 / 1e6),
        ("Redis's cores, as measured", lambda t: t.rate * a.redis_us / 1e6),
        ("primaries, planned with", lambda t: t.primaries),
        ("connections: of each replica to each primary", lambda t: t.replicas * t.primaries),
        ("checkpoints kept, GB", lambda t: t.rate * a.with_key * a.checkpoint * a.checkpoint_days * 86400 / 1e9),
        ("callers that there must be at least, by their limit", lambda t: t.rate * 60 / a.caller_limit),
    ]


def load_balancer(_):
    return [
        ("connections, to clients and to replicas", lambda t: 2 * t.concurrent),
        ("new connections a second, each way", lambda t: t.rate),
        ("load balancers", lambda t: t.balancers),
        ("of each: connections to a replica", lambda t: t.concurrent * t.to_replica),
        ("of each: ports towards a replica, at worst", lambda t: (t.concurrent + TIME_WAIT * t.rate) * t.to_replica),
    ]


def balancing(a, target):
    least, places = target.least, target.places
    cases = [(target.replicas, places), (least, places), (max(1, least - 1), places), (10 * least, places // 10 or 1)]
    for count, each in cases:
        mean = target.concurrent / count / each
        simulated = (simulate(a, count, each, *policy) for policy in POLICIES)
        yield (f"{count} × {each:,}", percent(mean), percent(erlang_b(each, each * mean)),
               *(f"{percent(refused)}; {percent(peak)}" for refused, peak in simulated))


def main():
    a = arguments()
    targets = [Target(a, *each) for each in zip(a.concurrent, a.places)]
    table("inputs", ["option", "value", "from", "what it is"], [
        (f"`--{option}`", f"{given(a, option):.10g}", source if given(a, option) == value else "yours", meaning)
        for option, value, source, meaning in INPUTS])
    table("one core", ["", "ms a chain", "of a core", "chains/s", "chains under way"], one_core(a))
    table("first bottleneck", ["what", "of what", "chains under way"], bottlenecks(a))
    for name, rows in [("upstream limits", upstream_limits), ("replicas", replicas), ("shared store", shared_store),
                       ("load balancer", load_balancer)]:
        head = ["", *(f"{t.concurrent:,} chains, {t.places:,} places a replica" for t in targets)]
        table(name, head, [(label, *map(figure, targets)) for label, figure in rows(a)])
    table("one caller", ["chains of one caller under way", "ms for a script", "scripts/s", "of Redis's core"], [
        (calls, script_us(a, calls) / 1000, calls / a.duration * 2 * a.calls, percent(of_caller(a, calls)))
        for calls in (1, 10, 100, 1000, 10000)])
    table("places", ["places of a replica", "mean use"], [
        (places, percent(most_use(places, a.refused))) for places in (100, 1000, 10000, 100000)])
    table("balancing", ["replicas × places", "mean use", "by Erlang's formula", "at random", "round robin",
                        "least connections, four balancers", "least connections, one"], balancing(a, targets[0]))


try:
    main()
except BrokenPipeError:  # Whoever reads has had enough.
    sys.stderr.close()
