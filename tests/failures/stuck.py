class Stuck:
    """Middleware: one address never answers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        while request.path.endswith("/stuck/"):
            sum(range(1000))
        return self.get_response(request)
