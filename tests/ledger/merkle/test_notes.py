from __future__ import annotations

import base64

import pytest

from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import Note, NoteError, Signer, Verifier, sign

# The example of Go's documentation of golang.org/x/mod/sumdb/note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_is_what_go_makes_of_the_same_text_and_key():
    signer = Signer.parse(GO_PRIVATE)
    assert signer.verifier == Verifier.parse(GO_PUBLIC)
    assert (signer.text, signer.verifier.text) == (GO_PRIVATE, GO_PUBLIC)
    assert sign(Note.parse(GO_NOTE).text, [signer]) == GO_NOTE


def test_a_private_key_shows_itself_nowhere():
    assert GO_PRIVATE[-20:] not in repr(Signer.parse(GO_PRIVATE))
    with pytest.raises(NoteError) as refused:
        Signer.parse(GO_PRIVATE.replace("+c74f20a3+", "+c74f20a4+"))
    assert GO_PRIVATE[-20:] not in str(refused.value)


def test_a_changed_text_or_signature_is_refused():
    key = Verifier.parse(GO_PUBLIC)
    assert Note.parse(GO_NOTE).signed_by(key)
    with pytest.raises(NoteError):
        Note.parse(GO_NOTE.replace("answer", "Answer")).signed_by(key)
    with pytest.raises(NoteError):
        Note.parse(GO_NOTE.replace("ZJkuBS", "ZJkuBT")).signed_by(key)


def test_a_signature_by_an_unknown_key_is_none():
    stranger = Signer.generate("PeterNeumann")
    note = Note.parse(sign("text\n", [stranger]))
    assert note.signed_by(stranger.verifier)
    assert not note.signed_by(Verifier.parse(GO_PUBLIC))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "t\x07\n\n— n AAAAAAAA\n",
        "t\n\n— n AAAAAAAA",
        "t\n\n- n AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(text):
    with pytest.raises(NoteError):
        Note.parse(text)


@pytest.mark.parametrize("name", ["", "with space", "with+plus", "line\nbreak"])
def test_a_name_that_no_key_can_have_is_refused(name):
    with pytest.raises(NoteError):
        Signer.generate(name)


def test_a_checkpoint_comes_back_as_it_was_signed():
    signer = Signer.generate("validahub.example/log")
    checkpoint = Checkpoint.signed(signer.name, 42, bytes(range(32)), [signer])
    assert Checkpoint.parse(checkpoint.note) == checkpoint
    assert checkpoint.signed_by(signer.verifier)
    assert checkpoint.in_force.key_id == signer.verifier.key_id


@pytest.mark.parametrize(
    "text",
    [
        "origin\n1\n",
        "origin\n01\n{root}\n",
        "origin\n-1\n{root}\n",
        "\n1\n{root}\n",
        "origin\n1\n{short}\n",
        "origin\n1\n*\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    text = text.format(root=base64.b64encode(bytes(32)).decode(), short=base64.b64encode(bytes(31)).decode())
    with pytest.raises(NoteError):
        Checkpoint.parse(sign(text, [Signer.generate("origin")]))
