class Stuck:
    """Middleware: one question is never answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        while "stuck" in request.GET:
            sum(range(1000))
        return self.get_response(request)
