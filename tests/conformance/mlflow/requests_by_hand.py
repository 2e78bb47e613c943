"""Requests that no client library would make."""
import http.client
import urllib.parse

import requests


def raw(server, method, target, body=None, headers=None):
    """A request whose target goes out exactly as written."""
    connection = http.client.HTTPConnection(server.url.split("//")[1], timeout=60)
    connection.putrequest(method, target, skip_host=bool(headers and "Host" in headers))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def encoded(path):
    return urllib.parse.quote(path, safe="")


def graphql(server, query, **options):
    return requests.post(f"{server.url}/graphql", json={"query": query}, timeout=60, **options)
