# %%
def forward_propagation(x, theta):
    # </code></pre></td></tr></table><script>alert(1)</script><img src=x onerror=alert(1)>
    """</style><script src="https://evil.example/x.js"></script><!-- <![CDATA[ ]]> -->"""
    s = '<svg/onload=alert(1)><a href="javascript:alert(1)" style="background:url(//evil.example)">&lt;script&gt;' "{{ 7*7 }}{% raw %}"
    return s
def backward_propagation(x, theta):
    '''</textarea><iframe src="data:text/html,<script>alert(1)</script>"></iframe><base href="//evil.example">'''
    raise ValueError('"><script>alert(document.domain)</script>')
