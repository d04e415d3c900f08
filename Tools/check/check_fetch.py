#!/usr/bin/env python3
"""Checks Tools/fetch against a server on 127.0.0.1: listing, download, resume after a cut, wrong MD5, wrong size.

    check_fetch.py TOOLS_FETCH
"""
import hashlib, http.server, pathlib, random, re, subprocess, sys, tempfile, threading

fetch = pathlib.Path(sys.argv[1]).resolve()
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok' if good else 'FAILED'}: {name}" + ("" if good else f"\n{detail}"))


class Server(http.server.BaseHTTPRequestHandler):
    """Serves `content`; cuts the connection after `cut` bytes, `cuts` times; knows ranges unless told not to."""
    content, cut, cuts, ranges, requests = b"", 0, 0, True, []

    def do_GET(self):
        match = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(match[1]) if match and Server.ranges else 0
        Server.requests.append(int(match[1]) if match else 0)
        body = Server.content[first:]
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(Server.content) - 1}/{len(Server.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if Server.cuts:
            Server.cuts -= 1
            body = body[:Server.cut]
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_):
        pass


content = random.Random(1).randbytes(300_000)
Server.content = content
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()

with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    manifest = scratch / "manifest.json"
    manifest.write_text(
        '{\n  "url_base": "http://127.0.0.1:%d/",\n  "licence": "none",\n  "subsets": [\n'
        '    {"name": "tiny", "archive": "tiny.tar.gz", "bytes": %d, "md5": "%s", "utterances": 1, "speakers": 1, '
        '"female": 1, "male": 0, "hours": 0.5, "paper_hours": 0.5}\n  ]\n}\n'
        % (server.server_port, len(content), hashlib.md5(content).hexdigest()))

    def run(folder, *more):
        Server.requests.clear()
        return subprocess.run([fetch, *more, "--manifest", manifest, *(["-o", scratch / folder] if folder else [])],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def whole(folder):
        path = scratch / folder / "tiny.tar.gz"
        return path.exists() and path.read_bytes() == content and len(list(path.parent.iterdir())) == 1

    result = run(None)
    check("lists the subsets", result.returncode == 0 and "tiny" in result.stdout, result)
    check("an unknown subset is wrong usage", run(None, "huge").returncode == 64)

    result = run("plain", "tiny")
    check("downloads", result.returncode == 0 and whole("plain") and "cpc-shard" in result.stderr, result)
    result = run("plain", "tiny")
    check("says that it is complete already",
          result.returncode == 0 and "already complete" in result.stderr and not Server.requests, result)

    Server.cut, Server.cuts = 100_000, 1
    result = run("cut", "tiny")
    check("continues by itself where the connection was cut",
          result.returncode == 0 and whole("cut") and Server.requests == [0, 100_000], (result, Server.requests))

    (scratch / "part").mkdir()
    (scratch / "part/tiny.tar.gz.part").write_bytes(content[:123_456])
    result = run("part", "tiny")
    check("continues an earlier run", result.returncode == 0 and whole("part") and Server.requests == [123_456], result)

    Server.ranges = False
    (scratch / "norange").mkdir()
    (scratch / "norange/tiny.tar.gz.part").write_bytes(content[:123_456])
    result = run("norange", "tiny")
    check("starts again where the server cannot continue", result.returncode == 0 and whole("norange"), result)
    Server.ranges = True

    Server.content = bytes([content[0] ^ 1]) + content[1:]
    result = run("flipped", "tiny")
    kept = scratch / "flipped/tiny.tar.gz.bad"
    check("keeps an archive with a wrong MD5 as .bad",
          result.returncode == 1 and kept.exists() and not (scratch / "flipped/tiny.tar.gz").exists()
          and "MD5" in result.stderr and kept.name in result.stderr, result)
    Server.content = content + b"more"
    result = run("long", "tiny")
    check("keeps an archive of a wrong size as .bad",
          result.returncode == 1 and (scratch / "long/tiny.tar.gz.bad").exists() and "300004 bytes" in result.stderr,
          result)
    Server.content = content

    result = run("flipped", "tiny")
    check("downloads again after a wrong MD5",
          result.returncode == 0 and (scratch / "flipped/tiny.tar.gz").read_bytes() == content, result)
    result = run("gone", "tiny", "--url", f"http://127.0.0.1:{server.server_port}/../x\x01")
    check("a malformed address fails and says so", result.returncode == 1 and "failed" in result.stderr, result)

print(f"check_fetch: {passed} passed, {failed} failed")
sys.exit(failed > 0)
