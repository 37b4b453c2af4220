class SignInRequired:
    def __init__(self, get_response): self.g=get_response
    def __call__(self, request): return self.g(request)
def stale_token(request, reason=""): ...
