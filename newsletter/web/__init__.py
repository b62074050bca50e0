"""What subscribers do by themselves: come, choose and leave, in a browser or by a client.

`app` puts it together for any WSGI server; `serving` runs it with waitress.
"""
