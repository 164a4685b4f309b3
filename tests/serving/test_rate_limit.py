"""How many requests are let in, and who counts as one client: by token, by address, behind proxies."""

from pathlib import Path

import pytest

from serving import rate_limit
from serving.admission import Admission, Asker
from serving.client_address import Proxies, grpc_peer
from serving.protection import Protection
from serving.rate_limit import RateLimit
from serving.tokens import Tokens
from swayrec.tables.errors import InputError

from .test_tokens import line

PAGE = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_burst_is_let_in_and_then_a_request_each_time_that_one_is_due():
    clock = Clock()
    limit = RateLimit(2.0, 3, clock=clock)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait("b") == 0
    clock.now = 0.25
    assert limit.wait("a") == 0.25
    clock.now = 0.5
    assert [limit.wait("a") for _ in range(2)] == [0, 0.5]
    clock.now = 1000
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_who_was_away_the_longest_is_forgotten_and_memory_has_an_end():
    limit = RateLimit(0.001, 1, most=3, clock=Clock())
    assert [limit.wait(name) for name in "abc"] == [0, 0, 0]
    assert limit.wait("a") > 0
    assert limit.wait("d") == 0
    assert limit.wait("a") > 0, "a asked last but one, so b is the one that is forgotten"
    assert limit.wait("b") == 0
    many = RateLimit(1, 1)
    for number in range(rate_limit.MOST_CLIENTS + 500):
        many.wait(str(number))
    assert len(many._buckets) == rate_limit.MOST_CLIENTS


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1:4711", "198.51.100.1"),
        ("10.1.2.3", "10.4.4.4", "10.4.4.4"),
        ("10.1.2.3", "unknown", "10.1.2.3"),
        ("10.1.2.3", "1.1.1.1, unknown, 10.9.9.9", "10.9.9.9"),
        ("::ffff:10.1.2.3", "[2001:db8:1:2:3::4]:99", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        ("", "1.1.1.1", ""),
    ],
)
def test_a_client_is_the_last_in_the_chain_that_is_no_proxy_of_ours(peer, forwarded, client):
    assert Proxies.of(["10.0.0.0/8"]).client(peer, forwarded) == client


@pytest.mark.parametrize(
    ("told", "peer"),
    [
        ("ipv4:127.0.0.1:5000", "127.0.0.1"),
        ("ipv6:[::1]:5000", "::1"),
        ("ipv6:%5B::1%5D:5000", "::1"),
        ("unix:/run/x", "unix:/run/x"),
    ],
)
def test_grpc_calls_its_peers_in_its_own_way(told, peer):
    assert grpc_peer(told) == peer


def test_a_token_is_counted_by_its_name_and_a_wrong_one_by_the_address(tmp_path):
    (tmp_path / "tokens").write_text(line("shop", "secret", "read"))
    admission = Admission(Tokens(tmp_path / "tokens"), limit=RateLimit(0.01, 2, clock=Clock()))

    def status(peer, token):
        refusal = admission.refusal("read", Asker(peer, f"Bearer {token}"))
        return refusal.status if refusal else 200

    assert [status(f"10.0.0.{number}", "secret") for number in range(3)] == [200, 200, 429]
    assert [status("10.0.0.1", f"guess{number}") for number in range(3)] == [401, 401, 429]
    assert status("10.0.0.2", "guess") == 401


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"rate_limit": 0.0}, "the limit is 0 requests a second; it must be a number above 0"),
        ({"rate_limit": float("nan")}, "it must be a number above 0"),
        ({"rate_limit": float("inf")}, "it must be a number above 0"),
        ({"rate_limit": 1.0, "rate_burst": 0}, "a burst of 0 requests lets nobody in"),
        ({"rate_burst": 3}, "a burst of requests is given and no limit"),
        ({"trusted_proxies": ("localhost",)}, "the trusted proxy 'localhost' is no address"),
    ],
)
def test_a_limit_that_is_none_is_told_in_a_sentence(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        Protection(**settings).admission()
    with pytest.raises(InputError, match="SWAYREC_RATE_LIMIT is 'many'"):
        Protection.of({"SWAYREC_RATE_LIMIT": "many"})
