"""What is answered over HTTP. `health` is a worker's, on an internal address; all else is `bashgah web`.

`bashgah web` is a process of its own, so that nothing public runs beside the posting of points. `server` puts it
together; read `routes` for what there is to ask, `api` for how it is answered, `stream` for what viewers are told.
"""
