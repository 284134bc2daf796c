"""`bashgah web`: the API, the event stream and the dashboard. A worker's own pages are in `bashgah.serving`.

It is a process of its own, so that nothing public runs beside the posting of points. `server` puts it
together; read `routes` for what there is to ask, `api` for how it is answered, `stream` for what viewers are told.
"""
